"""Labels that were made in Praat on an MP3, whose sound Praat plays at other times than other programs do."""

from __future__ import annotations

from collections.abc import Iterator

from dss_widgets.dataset.annotations.sources import Part
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.errors import Problem

_KEPT_OF_DELAY = 480
"""Samples in front that are the decoder's alone, which Praat leaves where they are."""

_FALSE_START = 625
"""Samples that others play before the sound of a file whose padding no tag tells of, and Praat does not."""

_LEAST_SAMPLES = 400
"""Of a difference of lengths; smaller ones come of rounded times."""


def praat_mp3_problems(part: Part, recording: Recording) -> Iterator[Problem]:
    """Yield a warning if annotations of an MP3 tell that it is as long as it is in Praat alone.

    Praat takes the tag in front of an MP3 (of LAME or Xing) for a frame of silence, and leaves a bit of the padding in. Where
    there is no tag, it leaves out more of the padding than others. So all labels are off by the same time. By which of the two
    tells the length: Praat's sound is longer with a tag, and shorter without.
    """
    if recording.path.suffix.lower() != ".mp3" or part.sound_seconds is None:
        return
    rate = recording.samplerate_hz
    frame = 1152 if rate >= 32_000 else 576
    longer = part.sound_seconds * rate - recording.n_samples
    if not _LEAST_SAMPLES <= abs(longer) <= 2 * frame + _FALSE_START:
        return
    off, word = (frame + _KEPT_OF_DELAY, "late") if longer > 0 else (_FALSE_START, "early")
    yield Problem(
        f"has the length that an MP3 has in Praat alone: labels made there come {1000 * off / rate:.0f} ms too {word}.",
        "Convert the recording to wav and annotate that, or move the labels; the preview shows whether they fit.",
        severity="warning", file=part.file.name,
    )  # fmt: skip
