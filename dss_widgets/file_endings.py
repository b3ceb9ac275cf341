"""How the files end that trainings and predictions leave: each ending is spelt here, and nowhere else.

It lies beside the rooms since the first of them, too, must tell such a file from a recording.
"""

from __future__ import annotations

RUN_SUFFIX = ".run"
"""Ending of the run's own folder."""

KERAS_SUFFIX = "_model.keras"
"""Ending of the whole network's file: architecture and weights, as DAS 0.33 has them too."""

WEIGHTS_SUFFIX = "_model.h5"
"""Ending of the file with the weights alone, in the layout of DAS 0.32."""

NETWORK_SUFFIXES = (KERAS_SUFFIX, WEIGHTS_SUFFIX)
"""Endings of the files that hold a network's weights; either is enough, and the first that is there counts."""

PARAMS_SUFFIX = "_params.yaml"
"""Ending of the file with what a network was made and trained with."""

RESULTS_SUFFIX = "_results.h5"
"""Ending of the file with a test's scores, targets and predictions."""

PROBABILITIES_SUFFIX = "_probabilities.h5"
"""Ending of the file with the probabilities of a recording's samples, after the recording's name."""

PREDICTIONS_SUFFIX = "_predictions"
"""Ending of the folder with what a network found, after the stem."""

ROUNDS_SUFFIX = "_rounds.json"
"""Ending of the file that tells what each round of correcting brought."""

REPLAY_SUFFIX = "_replay.h5"
"""Ending of the file with a little audio and what the network made of it when it was tested."""

VALIDATION_SUFFIX = "_validation.json"
"""Ending of the file that tells what each threshold does on the validation data."""

NO_SONG_SUFFIX = "_no_song.json"
"""Ending of the file that tells what a network found in recordings without song."""

ENDINGS = (
    *NETWORK_SUFFIXES, PARAMS_SUFFIX, RESULTS_SUFFIX, REPLAY_SUFFIX, ROUNDS_SUFFIX, VALIDATION_SUFFIX, NO_SONG_SUFFIX,
    RUN_SUFFIX,
)  # fmt: skip
"""What follows the stem in the names of a run's files."""
