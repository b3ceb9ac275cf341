"""Writing demo song as a data folder: recordings, their annotations and the definitions of the song types."""

import csv
import math
import os
from collections.abc import Callable
from pathlib import Path

import soundfile

from dss_widgets.dataset.annotations.table import COLUMNS, DEFINITIONS_SUFFIX, SUFFIX
from dss_widgets.dataset.song.kinds import KINDS, RECORDINGS_PER_INDIVIDUAL, compose
from dss_widgets.dataset.song.score import Score
from dss_widgets.errors import DataError
from dss_widgets.whole_files import appearing_whole

_MAX_WAV_BYTES = 4_000_000_000


def make_song(
    folder: str | os.PathLike[str],
    kind: str = "bird",
    n_files: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    *,
    progress: Callable[[int, int], None] | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write ``n_files`` recordings of ``seconds`` each into ``folder``, with exact annotations, and return their paths.

    Every recording is ``<base>.wav`` (16 bit) with ``<base>_annotations.csv`` and ``<base>_definitions.csv``. Names tell the
    individual: ``bird-A_01``, ``bird-A_02``, ``bird-B_01`` ... (two recordings each), so that ``bird-[A-Z]+`` groups them. The
    same seed gives the same bytes, and the same first recordings however many are made. ``n_files`` and ``seconds`` are the
    kind's own unless given (``KINDS``). ``progress(done, n_files)`` is called before the first and after every recording.

    Raises:
        DataError: the kind is unknown, a number is out of range, the folder is a file, or a file is already there
            (unless ``overwrite``). Nothing has been written then.
    """
    if kind not in KINDS:
        raise DataError(f"There is no demo song of the kind '{kind}'. Choose one of: {', '.join(KINDS)}.")
    n_files = KINDS[kind].n_files if n_files is None else n_files
    seconds = KINDS[kind].seconds if seconds is None else seconds
    _check_numbers(kind, n_files, seconds, seed)
    folder = Path(folder)
    recordings = [folder / f"{_base(kind, index)}.wav" for index in range(n_files)]
    _check_folder(folder, [] if overwrite else recordings)
    if progress:
        progress(0, n_files)
    for index, recording in enumerate(recordings):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(recording, compose(kind, seconds, seed, index), KINDS[kind].song_types)
        except (OSError, soundfile.SoundFileError) as error:
            raise DataError(f"{recording} cannot be written: {error}. Choose another folder, or make room for it.") from error
        if progress:
            progress(index + 1, n_files)
    return recordings


def _base(kind: str, index: int) -> str:
    """Return the name of a recording without suffix: kind, individual (A, B, ..., Z, AA ...), its recording."""
    individual, number = divmod(index, RECORDINGS_PER_INDIVIDUAL)
    letters = ""
    while individual >= 0:
        individual, letter = divmod(individual, 26)
        letters = chr(ord("A") + letter) + letters
        individual -= 1
    return f"{kind}-{letters}_{number + 1:02d}"


def _check_numbers(kind: str, n_files: int, seconds: float, seed: int) -> None:
    if n_files < 1:
        raise DataError(f"Cannot make {n_files} recordings of demo song. Ask for at least 1.")
    if seed < 0:
        raise DataError(f"The seed of the demo song is {seed}. Give a whole number of at least 0.")
    shortest = KINDS[kind].min_seconds
    if not (math.isfinite(seconds) and seconds >= shortest):
        raise DataError(f"{seconds:g} s of the kind '{kind}' may not hold every song type. Ask for at least {shortest:g} s.")
    longest = _MAX_WAV_BYTES / (2 * KINDS[kind].n_channels * KINDS[kind].samplerate_hz)
    if seconds > longest:
        raise DataError(
            f"{seconds:g} s of the kind '{kind}' do not fit into a wav file. Ask for more files of at most {longest:g} s."
        )


def _check_folder(folder: Path, recordings: list[Path]) -> None:
    """Raise DataError when ``folder`` is a file, or when a file of one of the recordings is already there."""
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder} is a file, not a folder. Choose another name for the folder of the demo song.")
    for recording in recordings:
        for path in (recording, *_tables(recording)):
            if path.exists():
                raise DataError(
                    f"{path} is already there and would be overwritten by demo song. Choose another folder, or allow "
                    "overwriting."
                )


def _tables(recording: Path) -> tuple[Path, Path]:
    """Return the paths of a recording's annotations and definitions."""
    return recording.with_name(recording.stem + SUFFIX), recording.with_name(recording.stem + DEFINITIONS_SUFFIX)


def _write(recording: Path, score: Score, song_types: dict[str, str]) -> None:
    """Write a recording and its tables; the recording last, so that one that is there has its annotations."""
    annotations, definitions = _tables(recording)
    times = [(mark.name, repr(mark.start_seconds), repr(mark.stop_seconds)) for mark in score.annotations()]
    _write_csv(annotations, [COLUMNS, *times])
    _write_csv(definitions, list(song_types.items()))
    with (
        appearing_whole(recording) as part,
        soundfile.SoundFile(part, "w", score.samplerate_hz, score.noise.n_channels, subtype="PCM_16", format="WAV") as file,
    ):
        for block in score.blocks():
            file.write(block)


def _write_csv(path: Path, rows: list[tuple[str, ...]]) -> None:
    with appearing_whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
