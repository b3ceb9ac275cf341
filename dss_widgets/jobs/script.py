"""A script that trains elsewhere with exactly these options: a shell script, or a batch script for Slurm."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from dss_widgets import __version__
from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.files import options_as_yaml
from dss_widgets.results.stems import stem_of
from dss_widgets.whole_files import appearing_whole

SCHEDULERS = ("none", "slurm")
"""What can run a script: a shell, or Slurm."""

SLURM_LINES = (
    "--job-name=dss_widgets",
    "--cpus-per-task=4",
    "--mem=8G",
    "--time=12:00:00",
    "#--gres=gpu:1",
    "--output=%x_%j.log",
)
"""Suggested scheduler lines; those that begin with # are switched off."""

_SIGNAL_SECONDS = 120


def training_script(
    options: TrainingOptions,
    *,
    scheduler: str = "none",
    scheduler_lines: Sequence[str] = SLURM_LINES,
    environment_lines: Sequence[str] = (),
) -> str:
    """Return a bash script that trains with these options.

    Paths stand on top, to be edited for another machine; then lines for modules, conda or a virtual environment. Run
    again after it was ended (a time limit, a reboot), it goes on where it was; under Slurm it queues itself again.

    Args:
        options: what to train.
        scheduler: ``none`` or ``slurm``.
        scheduler_lines: what follows ``#SBATCH``, one a line.
        environment_lines: shell lines that make ``dss-widgets`` available.

    Raises:
        ValueError: the scheduler is unknown.
    """
    if scheduler not in SCHEDULERS:
        raise ValueError(f"scheduler must be one of {', '.join(SCHEDULERS)}, not {scheduler!r}")
    parts = [
        "#!/usr/bin/env bash",
        *(_slurm_header(scheduler_lines, options.nodes) if scheduler == "slurm" else ()),
        f"# Trains a network with the options below (dss_widgets {__version__}). Run it again to continue after a break.",
        "set -euo pipefail",
        "",
        *_path_lines(options),
        "",
        "# --- Environment: lines for modules, conda or a virtual environment ---",
        *(environment_lines or ("# module load anaconda; conda activate song",)),
        f"DSS_WIDGETS=({shlex.quote(sys.executable)} -m dss_widgets)  # elsewhere: DSS_WIDGETS=(dss-widgets)",
        "",
        *_option_lines(options),
        "",
        *_training_lines(options, within=scheduler == "slurm"),
        *(_SLURM_TAIL if scheduler == "slurm" else ("train",)),
    ]
    return "\n".join(parts) + "\n"


def _path_lines(options: TrainingOptions) -> list[str]:
    start = options.initial_weights
    return [
        "# --- Paths: change them for the machine that trains ---",
        f"DATASET={shlex.quote(str(options.store_path.absolute()))}",
        f"SAVE_FOLDER={shlex.quote(str(options.save_path.absolute()))}",
        *([f"START_FROM={shlex.quote(str(stem_of(start)))}  # the network to start from; its files go along"] if start else ()),
    ]


def _option_lines(options: TrainingOptions) -> list[str]:
    """Return lines that leave the options in a file ``$CONFIG`` while the script runs."""
    config = options_as_yaml(options.copy(store_folder="", save_folder="", initial_weights=""))
    end = _unused_word(config)
    return [
        "# --- Options ---",
        'mkdir -p "$SAVE_FOLDER"',
        f'RUN_FILE="$SAVE_FOLDER"/{shlex.quote(_run_file_name(config, options.store_path.absolute()))}',
        "CONFIG=$(mktemp) && trap 'rm -f \"$CONFIG\"' EXIT",
        f"cat > \"$CONFIG\" <<'{end}'",
        config.rstrip("\n"),
        end,
    ]


def _training_lines(options: TrainingOptions, *, within: bool) -> list[str]:
    """Return a shell function ``train`` that begins the run, or goes on with it.

    Args:
        options: of the training.
        within: whether the process that runs it is to become the training, which Slurm's signals then reach.
    """
    start = ' --initial-weights "$START_FROM"' if options.initial_weights else ""
    call, flag = ('exec "${DSS_WIDGETS[@]}"', " --within-job") if within else ('"${DSS_WIDGETS[@]}"', "")
    return [
        "# --- Train, or go on with the run that this script began ---",
        "train() {",
        '    if [ -s "$RUN_FILE" ] && [ -d "$(cat "$RUN_FILE")" ]; then',
        f'        {call} resume "$(cat "$RUN_FILE")"{flag}',
        "    else",
        f'        {call} train "$DATASET" --save-folder "$SAVE_FOLDER" --config "$CONFIG" --run-file "$RUN_FILE"{flag}{start}',
        "    fi",
        "}",
    ]


def save_script(text: str, path: str | os.PathLike[str]) -> Path:
    """Write a script, executable, whole or not at all.

    Raises:
        DataError: the file cannot be written.
    """
    path = Path(path).expanduser()
    try:
        with appearing_whole(path) as partial:
            partial.write_text(text, encoding="utf-8")
            partial.chmod(0o755)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}). Choose another place for the script.") from error
    return path


_SLURM_TAIL = (
    "# Before the time is up Slurm sends USR1: the training keeps a checkpoint, queues this job again, and goes on from it.",
    "train &",
    "training=$!",
    "trap 'kill -USR1 \"$training\"' USR1",
    "code=0",
    'wait "$training" || code=$?',
    'while kill -0 "$training" 2>/dev/null; do code=0; wait "$training" || code=$?; done',
    'exit "$code"',
)


def _slurm_header(lines: Sequence[str], nodes: int) -> list[str]:
    shared = [f"--nodes={nodes}", "--ntasks-per-node=1"] if nodes > 1 else []
    lines = [*(line for line in lines if line.partition("=")[0] not in ("--nodes", "--ntasks-per-node") or not shared), *shared]
    header = [f"##SBATCH {line[1:]}" if line.startswith("#") else f"#SBATCH {line}" for line in lines]
    return [*header, "#SBATCH --requeue", f"#SBATCH --signal=B:USR1@{_SIGNAL_SECONDS}"]


def _run_file_name(config: str, store: Path) -> str:
    """Return a name that belongs to these options and this dataset, and to no other script."""
    digest = hashlib.sha256(f"{store}\n{config}".encode()).hexdigest()
    return f".script_{digest[:12]}"


def _unused_word(text: str) -> str:
    word = "OPTIONS"
    while word in text:
        word += "_"
    return word
