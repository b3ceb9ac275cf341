"""A model card: what a network is for, what it was trained on, how well it does, who may use it, as Markdown for people.

The parts are those of model cards (Mitchell et al. 2019, doi:10.1145/3287560.3287596); the header is the one that model hubs
read.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.assembly import SPLIT_WORDS
from dss_widgets.options.card import CardOptions
from dss_widgets.results.boundaries import error_words, errors_in, errors_mean
from dss_widgets.results.calibration import ALL, Reliability
from dss_widgets.results.intervals import drawn_words, interval_of
from dss_widgets.results.no_song import read_no_song
from dss_widgets.results.params_file import read_params
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.replay import replay_file
from dss_widgets.results.results_file import Results, read_results
from dss_widgets.results.stems import results_file
from dss_widgets.roots import confined

_METHOD = (
    "Steinfath E, Palacios-Muñoz A, Rottschäfer JR, Yuezak D, Clemens J (2021) Fast and accurate annotation of acoustic "
    "signals with deep neural networks. eLife 10:e68837. https://doi.org/10.7554/eLife.68837"
)

_LIMITS = """## Limits

It knows the song types above and calls everything else noise, also song of other kinds. With other species, microphones,
distances or backgrounds than those it was trained on, it can be wrong without telling: look through some of what it found,
correct it, and let it learn on from that."""

_TOLD_OPTIONS = (
    "frontend", "downsample_factor", "frontend_filter_duration", "filters", "filter_duration", "blocks", "separable",
    "lstm_units", "chunk_duration", "batch_size", "learning_rate", "learning_rate_schedule", "epochs", "augmentations",
    "oversample_rare", "balance_classes", "data_fraction", "seed",
)  # fmt: skip
"""Options that say how a network is made and learned; the others are in the params."""


@dataclass(frozen=True)
class _Known:
    """What a network's files tell."""

    stem: Path
    options: CardOptions
    params: Mapping[str, Any]
    results: Results | None
    dataset: Dataset | None

    @property
    def title(self) -> str:
        return self.options.title or self.stem.name


def card_text(stem: Path, options: CardOptions) -> str:
    """Return the model card of a network as Markdown, with a YAML header.

    Args:
        stem: path of the network's files, without their endings.
        options: what only people know.

    Raises:
        DataError: the network has no params, or they cannot be read.
    """
    params = read_params(stem)
    known = _Known(stem, options, params, _results(stem), _dataset(params))
    parts = [_header(known), f"# {_plain(known.title)}", *_purpose(known), *_use(known), *_data(known), *_training(known)]
    return "\n\n".join([*parts, *_scores(known), _LIMITS, *_check(known), *_rights(known)]) + "\n"


def _results(stem: Path) -> Results | None:
    try:
        return read_results(stem) if results_file(stem).is_file() else None
    except DataError:
        return None


def _dataset(params: Mapping[str, Any]) -> Dataset | None:
    """Return the dataset that was trained on, if it still lies where it did, as it was."""
    try:
        dataset = open_dataset(confined(str(params.get("data_dir") or "")))
    except DataError:
        return None
    return dataset if dataset.fingerprint == params.get("data_hash") else None


def _header(known: _Known) -> str:
    told: dict[str, Any] = {}
    if known.options.license:
        told["license"] = known.options.license.lower()
    told |= {"library_name": "dss_widgets", "tags": ["bioacoustics", "animal-song", "das", "audio-segmentation"]}
    if known.results is not None and known.results.scores is not None:
        score = {"type": "f1", "name": "macro F1, per sample", "value": round(known.results.scores.macro_f1, 4)}
        task = {"type": "audio-segmentation", "name": "annotation of animal song"}
        result = {"task": task, "dataset": {"type": "own", "name": _place_name(known)}, "metrics": [score]}
        told["model-index"] = [{"name": known.title, "results": [result]}]
    return f"---\n{yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=120)}---"


def _place_name(known: _Known) -> str:
    return Path(str(known.params.get("data_dir") or "")).name or "not told"


def _purpose(known: _Known) -> Iterator[str]:
    names, kinds = _classes(known)
    rate, channels = known.params.get("samplerate_x_Hz"), known.params.get("nb_channels") or 1
    if known.options.description:
        yield _plain(known.options.description)
    yield (
        "This network annotates recordings of animal song: it says for every sample which song type is sung. It expects "
        f"{'one channel' if channels == 1 else f'{channels} channels'} at {_number(rate)} Hz."
    )
    rows = [
        (name, kind, "a moment" if kind == "event" else "from onset to offset") for name, kind in zip(names, kinds, strict=True)
    ]
    yield _table(["song type", "category", "annotated as"], rows[1:])


def _classes(known: _Known) -> tuple[list[str], list[str]]:
    names = [str(name) for name in known.params.get("class_names") or []]
    kinds = [str(kind) for kind in known.params.get("class_types") or []]
    return names, kinds if len(kinds) == len(names) else ["segment"] * len(names)


def _use(known: _Known) -> Iterator[str]:
    name = known.stem.name
    yield "## How to use it"
    yield (
        f"Unpack the zip file. With dss_widgets: `dss-widgets predict {name} RECORDING.wav`, or choose the folder in its "
        f"dashboard. With DAS: `das predict RECORDING.wav {name}`, or load the network in its window."
    )


def _data(known: _Known) -> Iterator[str]:
    yield "## What it was trained on"
    if known.dataset is None:
        yield f"A dataset named `{_place_name(known)}`, which is not described here."
        return
    attrs, rows = known.dataset.attrs, []
    for split, words in SPLIT_WORDS.items():
        shares, samples = known.dataset.shares(split), known.dataset.split(split).n_samples
        seconds = samples / known.dataset.samplerate_hz
        rows.append((words, f"{seconds:.1f} s", *(f"{seconds * share:.2f} s" for share in list(shares.values())[1:])))
    told = attrs.get("recordings")
    n_recordings = f" of {len(told)} recordings" if isinstance(told, list) and told else ""
    yield f"A dataset named `{_place_name(known)}`{n_recordings}, with so much audio, and so much song of every type:"
    yield _table(["split", "audio", *known.dataset.class_names[1:]], rows)
    ways = attrs.get("options")
    if isinstance(ways, Mapping) and ways.get("test_split") in ("files", "samples"):
        whole = ways["test_split"] == "files" or ways.get("keep_individuals_together")
        together = " of animals that were not trained on" if ways.get("keep_individuals_together") else ""
        yield (
            f"The test is made of whole recordings{together}." if whole
            else "The test is made of parts of the same recordings that were trained on: others may be harder."
        )  # fmt: skip


def _training(known: _Known) -> Iterator[str]:
    yield "## How it was trained"
    own = known.params.get("dss_widgets")
    if not isinstance(own, Mapping):
        yield "By DAS. All that its files tell is in the params."
        return
    try:
        values = options_of_params(known.params)
    except DssWidgetsError:
        values = {}
    declared = TrainingOptions.declared()
    rows = [(declared[name].label, declared[name].format(values[name]) or "none") for name in _TOLD_OPTIONS if name in values]
    yield f"By dss_widgets {own.get('version', '')}. Every option is in the params; those that matter most:"
    yield _table(["option", "value"], rows)
    libraries = own.get("libraries")
    if isinstance(libraries, Mapping):
        yield "With " + ", ".join(f"{name} {version}" for name, version in libraries.items()) + "."


def _scores(known: _Known) -> Iterator[str]:
    yield "## How well it does"
    if known.results is None or known.results.scores is None:
        yield "It has not been tested."
        return
    scores, rate = known.results.scores, float(known.params.get("samplerate_x_Hz") or math.nan)
    told = known.results.more_scores.get("intervals") or {}
    bounds = interval_of(told, "macro_f1")
    between = f" (95 % interval {bounds}, {drawn_words(told)})" if bounds else ""
    yield f"On {known.results.n_samples / rate:.1f} s of test data, sample by sample: macro F1 {scores.macro_f1:.3f}{between}."
    rows = [
        (name, *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), f"{row['support'] / rate:.2f} s")
        for name, row in scores.per_class().items()
    ]
    yield _table(["class", "precision", "recall", "F1", "annotated"], rows)
    found = known.results.more_scores.get("annotations")
    if isinstance(found, Mapping):
        yield from _annotation_scores(found)
    yield from _trust(known)


def _trust(known: _Known) -> Iterator[str]:
    """Yield how far probabilities can be taken at their word, and what is found where nothing sings."""
    told = known.results.more_scores.get("reliability") if known.results is not None else None
    if isinstance(told, Reliability):
        before, after = (100 * when[ALL].error for when in (told.before, told.after))
        yield (
            f"What it says of the likeliest class is off by {before:.1f} percentage points on average (expected calibration "
            f"error); by {after:.1f} at a temperature of {told.temperature:.2f}, which was found on the validation data and is "
            "told in the params. Labels do not use it."
        )
    try:
        found = read_no_song(known.stem)
    except DataError:
        return
    if found is not None:
        rows = []
        for rate in found.rates():
            low, high = rate.interval
            rows.append((rate.name, rate.n, f"{rate.per_hour:.1f}", f"{low:.1f} to {high:.1f}"))
        yield f"In {60 * found.hours:.1f} min of recordings without song, it found all the same:"
        yield _table(["song type", "false alarms", "per hour", "per hour, 95 %"], rows)


def _annotation_scores(told: Mapping[str, Any]) -> Iterator[str]:
    tolerance = f"{1000 * float(told['tolerance_seconds']):g} ms"
    for kind, ends in (("events", "time"), ("segments", "onset")):
        rows = [
            (
                name, row["n_annotated"], *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")),
                *(error_words(errors_in(told, name), end) for end in ("onset", "offset")),
            )
            for name, row in (told.get(kind) or {}).items()
        ]  # fmt: skip
        used = told.get(f"{kind[:-1]}_threshold")
        found = f"{kind.capitalize()} found{f' with a threshold of {used:g}' if used else ''}"
        if rows:
            yield f"{found}, one to one within {tolerance}; errors: {errors_mean(told)}:"
            head = [kind, "annotated", "precision", "recall", "F1", f"{ends} error (ms)", "offset error (ms)"]
            yield _table(head, rows) if kind == "segments" else _table(head[:-1], [row[:-1] for row in rows])


def _check(known: _Known) -> Iterator[str]:
    if replay_file(known.stem).is_file():
        yield "## Does it still compute the same?"
        yield (
            f"`dss-widgets verify {known.stem.name}` computes again what the network made of a little audio when it was "
            "tested, and says whether this machine and these versions come to the same."
        )


def _rights(known: _Known) -> Iterator[str]:
    o = known.options
    yield "## Licence, and how to cite"
    yield f"Licence: {_plain(o.license)}." if o.license else "No licence is stated: ask its authors before you use it."
    if o.authors:
        yield f"Trained by {_plain(o.authors)}."
    cited = [f"- {_plain(o.citation)}"] if o.citation else []
    yield "\n".join([*cited, f"- The method: {_METHOD}"])


def _number(value: Any) -> str:
    return f"{value:,.8g}".replace(",", " ") if isinstance(value, int | float) else str(value)


def _plain(text: str) -> str:
    """Return text that no Markdown reader takes for markup of its own or of HTML."""
    escaped = html.escape(" ".join(text.split()), quote=False)
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]#|" else sign for sign in escaped)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell if cell == "---" else _plain(str(cell)) for cell in line) + " |" for line in lines)
