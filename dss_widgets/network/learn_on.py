"""Learning on from what was corrected: the dataset grows, a network is trained on, and the round is recorded."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dss_widgets.dataset.corrected import Corrected, find_corrected, labels_within
from dss_widgets.dataset.growing import grow_dataset, next_store, plan_growth
from dss_widgets.dataset.same_recordings import made_of_folders_below
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import Cancelled, OptionsError
from dss_widgets.events import EpochDone, Event, OnEvent, Progressed, StateChanged, StepDone, Warned
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.network.evaluate import own_dataset
from dss_widgets.network.fit import FitResult, fit
from dss_widgets.network.predict import annotate
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import TrainingOptions
from dss_widgets.options.learning import LearningOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.results.matching import n_changed
from dss_widgets.results.params_options import options_of_params
from dss_widgets.results.rounds import Round, read_rounds, scores_on_test, write_rounds

WAYS = {"better": ("weights", "anew"), "weights": ("weights",), "anew": ("anew",)}
"""What is tried, by the choice of where to start."""

_DOING = {"weights": "learning on from its weights", "anew": "learning anew"}
_HASHED_ROWS = 2**20


@dataclass(frozen=True)
class Attempt:
    """A training that is about to begin.

    Attributes:
        stem: path of the files to write, without their endings.
        run_folder: where its checkpoint is kept.
        on_event: takes what it tells.
        should_stop: says whether somebody wants it to stop.
    """

    stem: Path
    run_folder: Path
    on_event: OnEvent
    should_stop: Callable[[], bool]


Begin = Callable[[str, TrainingOptions], AbstractContextManager[Attempt]]
"""Takes a way (``weights`` or ``anew``) and the options; gives the place of the training, which it closes at its end."""


@dataclass(frozen=True)
class LearnedOn:
    """What learning on came to.

    Attributes:
        stem: of the network that is kept.
        store: the grown dataset.
        rounds: all rounds up to it.
        others: stems of the networks that were trained and validated worse.
    """

    stem: Path
    store: Path
    rounds: tuple[Round, ...]
    others: tuple[Path, ...] = ()


def learn_on(
    options: LearningOptions,
    begin: Begin | None = None,
    *,
    store: Path | None = None,
    on_event: OnEvent = lambda _event: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_store: Callable[[Path], None] = lambda _store: None,
) -> LearnedOn:
    """Let a network learn on from what was corrected.

    Test data never change, but by ``options.new_test_fraction``. The old dataset and the old network stay as they are.

    Args:
        options: which network, and what was corrected.
        begin: gives each training its place; None: a name of its own beside the network's files.
        store: the grown dataset, where an earlier attempt at the same work has assembled it.
        on_event: takes what happens.
        should_stop: is asked now and then; what was begun can be gone on with.
        on_store: told the dataset's place once it is there.

    Raises:
        OptionsError, DataError: something cannot be used; the message says what.
        Cancelled: ``should_stop`` said so.
    """
    on_event(StateChanged(state="preparing"))
    trained = load_trained(options.network)
    old = own_dataset(trained)
    corrected = find_corrected(
        options.corrected_folder or None, recordings=options.recordings_folder or None, no_song=options.no_song_folder or None,
        below=made_of_folders_below(old),
    )  # fmt: skip
    on_event(StateChanged(state="working"))
    labels, changed = _changes(trained, corrected, on_event, should_stop)
    if store is None:
        store = _grown(options, old, corrected, on_event, should_stop)
        on_store(store)
    results: dict[str, FitResult] = {}
    for way in WAYS[options.start]:
        results[way] = _train(_training(trained, options, store, way), way, begin or _beside, on_event, should_stop)
    best = min(results, key=lambda way: (_loss(results[way]), list(results).index(way)))
    stem = results[best].stem
    this = Round(
        number=0, network=stem.name, dataset=store.name, test=_test_print(open_dataset(store)), minutes=corrected.seconds / 60,
        minutes_without_song=sum(b - a for name in corrected.without_song for a, b in corrected.spans[name]) / 60,
        labels=labels, changed=changed, start=best, losses={way: result.best_val_loss for way, result in results.items()},
        scores=scores_on_test(stem),
    )  # fmt: skip
    rounds = _with_round(trained, old, this)
    write_rounds(stem, rounds)
    return LearnedOn(stem, store, tuple(rounds), tuple(result.stem for way, result in results.items() if way != best))


@contextmanager
def _beside(_way: str, training: TrainingOptions) -> Iterator[Attempt]:
    """Give a training a name of its own in its save folder."""
    moment = datetime.datetime.now()
    while (folder := training.save_path / f"{moment:%Y%m%d_%H%M%S}{RUN_SUFFIX}").exists():
        moment += datetime.timedelta(seconds=1)
    folder.mkdir(parents=True)
    yield Attempt(folder.with_name(folder.name.removesuffix(RUN_SUFFIX)), folder, lambda _event: None, lambda: False)


def _loss(result: FitResult) -> float:
    return np.inf if result.best_val_loss is None else result.best_val_loss


def _grown(
    options: LearningOptions, old: Dataset, corrected: Corrected, on_event: OnEvent, should_stop: Callable[[], bool]
) -> Path:
    growth = plan_growth(old, corrected, new_test_fraction=options.new_test_fraction)
    for notice in growth.notices:
        on_event(Warned(message=notice))
    store = typed_path(options.store_folder) if options.store_folder else next_store(old.path)
    return grow_dataset(old, growth, store, cancelled=should_stop)


def _training(trained: TrainedNetwork, options: LearningOptions, store: Path, way: str) -> TrainingOptions:
    """Return the options of a training in one way, as the network was trained before."""
    training = TrainingOptions(**options_of_params(trained.params))
    training.update(
        {
            "store_folder": str(store),
            "save_folder": str(trained.stem.parent),
            "song_type": str(trained.params.get("y_suffix") or ""),
            "initial_weights": str(trained.stem) if way == "weights" else "",
            "epochs": options.epochs or training.epochs,
        }
    )
    errors = [problem for problem in training.problems() if problem.is_error]
    if errors:
        raise OptionsError(errors)
    return training


def _train(training: TrainingOptions, way: str, begin: Begin, on_event: OnEvent, should_stop: Callable[[], bool]) -> FitResult:
    """Train, and tell how far it is."""
    with begin(way, training) as attempt:

        def tell(event: Event) -> None:
            attempt.on_event(event)
            if isinstance(event, StepDone):
                done = event.epoch - 1 + event.step / max(1, event.steps)
                on_event(Progressed(done=done, total=training.epochs, doing=_DOING[way]))
            elif isinstance(event, EpochDone):
                on_event(Progressed(done=event.epoch, total=training.epochs, doing=_DOING[way]))

        result = fit(
            training, attempt.stem, run_folder=attempt.run_folder, on_event=tell, should_stop=attempt.should_stop,
            should_save=should_stop, resume=True,
        )  # fmt: skip
        if result.outcome == "saved":
            raise Cancelled("Learning on was stopped; it can be gone on with.")
        return result


def _changes(
    trained: TrainedNetwork, corrected: Corrected, on_event: OnEvent, should_stop: Callable[[], bool]
) -> tuple[int, int]:
    """Return how many labels there are in what was looked through, and how many the network had not like that."""
    labels = changed = 0
    entries = corrected.survey.recordings
    for i, entry in enumerate(entries):
        if should_stop():
            raise Cancelled("Learning on was stopped.")
        spans = corrected.spans[entry.name]
        right = labels_within(entry.annotations, spans)
        before = labels_within(annotate(trained, entry.recording, on_notice=lambda _text: None), spans)
        labels += len(right)
        changed += n_changed(right, before)
        on_event(Progressed(done=i + 1, total=len(entries), doing="comparing with what the network had found"))
    return labels, changed


def _with_round(trained: TrainedNetwork, old: Dataset, this: Round) -> list[Round]:
    """Return the rounds before, beginning with the network that knew of no corrections, and this one."""
    before = read_rounds(trained.stem)
    if not before:
        scores: Mapping[str, float | None] = scores_on_test(trained.stem)
        before = [Round(0, trained.stem.name, old.path.name, _test_print(old), scores=scores)]
    return [*before, Round(**{**this.as_dict(), "number": before[-1].number + 1})]


def _test_print(dataset: Dataset) -> str:
    """Return a digest of the test data: audio, and what is annotated in it, by the types' names."""
    split, digest = dataset.split("test"), hashlib.sha256()
    names = np.array(dataset.class_names)
    for start in range(0, split.n_samples, _HASHED_ROWS):
        rows = slice(start, start + _HASHED_ROWS)
        digest.update(np.ascontiguousarray(split.x[rows]).tobytes())
        winners = np.argmax(split.y()[rows], axis=1)
        edges = np.flatnonzero(np.diff(winners, prepend=-1))
        digest.update(repr(list(zip(edges.tolist(), names[winners[edges]].tolist(), strict=True))).encode())
    return digest.hexdigest()
