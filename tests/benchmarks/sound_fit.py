"""Whether `dss-widgets fits` warns of what costs labels: recordings changed as other microphones, rooms, rates change them.

usage: python tests/benchmarks/sound_fit.py DATA_FOLDER [--datasets finch mouse] [--seed 1] [--options OPTION=VALUE ...]

A network is trained with nothing chosen, or with the options named (as in defaults.py: train and validation by samples, test by
whole recordings). The test recordings are changed in many ways, annotated, and compared with their labels: macro F1 of moments
of 1 ms. A line is printed for each change: the score, and what is said of the recordings before they are annotated. At the end:
of the changes that cost more than 0.05, how many were warned of, and how many warnings came without such a loss.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import soundfile
import soxr
from defaults import DATASETS, assembled, options_of
from scipy import signal

from dss_widgets.dataset import read_annotations
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.results.scores import Scores, confusion_matrix
from dss_widgets.results.sound_check import check_sound

COSTLY = 0.05


def filtered(kind, share):
    """Return a change: only what lies below or above a share of half the sample rate."""
    return lambda audio, _rate: signal.sosfilt(signal.butter(6, share, kind, output="sos"), audio, axis=0)


def gained(decibel):
    """Return a change of the level."""
    return lambda audio, _rate: audio * 10 ** (decibel / 20)


def noisy(decibel):
    """Return a change: white noise of a level."""
    return lambda audio, _rate: audio + np.random.default_rng(1).normal(0, 10 ** (decibel / 20), audio.shape)


def tilted(decibel):
    """Return a change: as many decibels more an octave."""

    def change(audio, rate):
        spectrum = np.fft.rfft(audio, axis=0)
        hertz = np.maximum(np.fft.rfftfreq(len(audio), 1 / rate), rate / 512)
        return np.fft.irfft(spectrum * 10 ** (decibel * np.log2(hertz / (rate / 8)) / 20)[:, None], len(audio), axis=0)

    return change


def echoing(audio, rate):
    """Return audio as in a room with a reverberation of half a second."""
    time = np.arange(round(0.3 * rate)) / rate
    echo = np.random.default_rng(1).normal(0, 1, len(time)) * np.exp(-time / 0.08)
    echo[0] = 6
    return signal.fftconvolve(audio, (echo / np.linalg.norm(echo))[:, None])[: len(audio)]


def humming(audio, rate):
    """Return audio with a hum of 50 Hz."""
    return audio + 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(audio)) / rate)[:, None]


CHANGES = {
    "none": lambda audio, _rate: audio,
    **{f"{db:+} dB": gained(db) for db in (-40, -20, -6, 6, 20)},
    "clipped": lambda audio, _rate: np.clip(audio * 10, -1, 1),
    **{f"below {share:.0%}": filtered("low", share) for share in (0.7, 0.5, 0.35, 0.25)},
    **{f"above {share:.0%}": filtered("high", share) for share in (0.05, 0.1, 0.2)},
    **{f"{db:+} dB/octave": tilted(db) for db in (-6, -3, 3, 6)},
    **{f"noise {db} dB": noisy(db) for db in (-60, -50, -40, -30, -20)},
    "room": echoing,
    "hum": humming,
    **{f"rate x {factor}": factor for factor in (0.75, 0.5)},
}
"""By name; a number is a factor of the sample rate."""


def changed(path, change, folder):
    """Write a changed recording; return its path."""
    audio, rate = soundfile.read(path, always_2d=True)
    if isinstance(change, float):
        audio, rate = soxr.resample(audio, rate, rate * change), round(rate * change)
    else:
        audio = change(audio, rate)
    soundfile.write(folder / path.name, audio, rate, subtype="FLOAT")
    return folder / path.name


def moments(annotations, seconds, names):
    """Return what is annotated in every millisecond, as numbers of song types."""
    found = np.zeros(round(1000 * seconds) + 1, int)
    for name, start, stop in zip(annotations.names, annotations.start_seconds, annotations.stop_seconds, strict=True):
        if name in names:
            found[round(1000 * start) : round(1000 * stop)] = names.index(name)
    return found


def main() -> None:
    """Train, change, annotate, and print the table."""
    from dss_widgets.network.fit import fit
    from dss_widgets.network.predict import predict
    from dss_widgets.network.trained import load_trained

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=["finch", "mouse"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--options", nargs="+", default=[], metavar="OPTION=VALUE")
    told = parser.parse_args()
    lines, chosen = [], dict(option.split("=", 1) for option in told.options)
    for name in told.datasets:
        with tempfile.TemporaryDirectory() as temporary:
            work = Path(temporary)
            store = assembled(name, told.data, work)
            stem, changes = work / "trained" / "net", work / "changed"
            fit(
                options_of(store, chosen, told.seed, work / "trained"), stem, run_folder=stem.with_suffix(".run"),
                should_stop=lambda: False, on_event=lambda _event: None,
            )  # fmt: skip
            changes.mkdir()
            names, trained = open_dataset(store).classes()[0], load_trained(stem)
            tests = sorted(path for path in (work / name).glob("*.wav") if path.name.startswith(DATASETS[name].test))
            for what, change in CHANGES.items():
                paths = [changed(path, change, changes) for path in tests]
                files = predict(trained.stem, paths, changes, overwrite=True, on_notice=lambda _text: None)
                counts = 0
                for path, file in zip(tests, files, strict=True):
                    seconds = soundfile.info(path).duration
                    wanted = read_annotations(path.with_name(f"{path.stem}_annotations.csv"))[0]
                    pair = (moments(one, seconds, names) for one in (wanted, read_annotations(file)[0]))
                    counts = counts + confusion_matrix(*pair, len(names))
                check = check_sound(stem, paths)
                lines.append((name, what, Scores.of(names, counts).macro_f1, [one.kind for one in check.differences]))
                print(f"{name:8} {what:14} {lines[-1][2]:.3f}  {', '.join(lines[-1][3]) or '-'}", flush=True)
    best = {name: score for name, what, score, _ in lines if what == "none"}
    costly = [bool(kinds) for name, _, score, kinds in lines if score < best[name] - COSTLY]
    others = [bool(kinds) for name, what, score, kinds in lines if score >= best[name] - COSTLY and what != "none"]
    print(f"changes that cost more than {COSTLY}: {sum(costly)} of {len(costly)} were warned of")
    print(f"other changes: {sum(others)} of {len(others)} were warned of")


if __name__ == "__main__":
    main()
