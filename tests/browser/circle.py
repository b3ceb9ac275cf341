"""The steps of the circle, as a person takes them in the dashboard: annotate, train, look, correct, learn on."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import story
from playwright.sync_api import expect
from served import PATIENCE_SECONDS, wait_until

from dss_widgets.annotating import Session
from dss_widgets.annotating.edits import AddType, Make, Relabel
from dss_widgets.dataset import read_annotations
from dss_widgets.dataset.song import make_song
from dss_widgets.results.rounds import Round, read_rounds

VIEW = "document.querySelector('.dss-annotation-panel .dss-sound').soundView"
READY = f"document.querySelector('.dss-annotation-panel .dss-sound[data-complete=true]') && {VIEW}.frame === null"
_PATIENCE = 3000 * PATIENCE_SECONDS
"""For a training, in milliseconds, on a machine that does much else."""

FIRST, NEW = "bird_song", "new_song"
"""Folders: a minute of song to train on, and other song to correct."""


@dataclass(frozen=True)
class Bare:
    """Song of which nothing is annotated.

    Attributes:
        root: holds both folders.
        truth: the annotations, by the recording's path; nobody else knows them.
    """

    root: Path
    truth: dict[Path, list[tuple[str, float, float]]]

    def of(self, folder: str) -> list[Path]:
        """Return the recordings of a folder."""
        return sorted(path for path in self.truth if path.parent.name == folder)


def bare_song(root: Path) -> Bare:
    """Make a minute of song, and some more, without any annotation."""
    truth = {}
    for folder, n_files, seed in ((FIRST, 5, 3), (NEW, 2, 4)):
        for recording in make_song(root / folder, "bird", n_files=n_files, seconds=12, seed=seed):
            own = recording.rename(recording.with_name(f"{folder}_{recording.name}"))
            table = recording.with_name(f"{recording.stem}_annotations.csv")
            found, _ = read_annotations(table)
            truth[own] = list(zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True))
            table.unlink()
            recording.with_name(f"{recording.stem}_definitions.csv").unlink()
    return Bare(root, truth)


def open_recordings(page: Any, bare: Bare, folder: str) -> None:
    """Go to the last step, with the recordings of a folder."""
    page.locator(".dss-step-5").click()
    field = page.locator(".dss-annotation-panel .dss-annotate-fields .dss-field-data_folder input")
    field.fill(str(bare.root / folder))
    field.press("Enter")
    page.locator(".dss-annotate-list option", has_text=f"{folder}_").first.wait_for(state="attached")
    page.wait_for_function(READY)


def choose_recording(page: Any, recording: Path) -> None:
    """Choose a recording in the list."""
    words = page.locator(".dss-annotate-list option", has_text=recording.name).inner_text()
    page.locator(".dss-annotate-list select").select_option(label=words)


def annotate_by_hand(page: Any, bare: Bare) -> None:
    """Annotate the first two labels of the first recording by keyboard, from nothing; returns when they are kept."""
    recording = bare.of(FIRST)[0]
    labels = bare.truth[recording][:2]
    for name in sorted({name for name, *_ in labels}):
        page.get_by_label("Name of a new song type").fill(name)
        page.get_by_label("Name of a new song type").press("Enter")
        page.locator(".dss-edit-chip", has_text=name).wait_for()
    canvas = page.locator(".dss-annotation-panel .dss-sound-canvas")
    for name, start, stop in labels:
        canvas.press("Escape")
        canvas.press("Escape")
        page.evaluate(f"([start, stop]) => {{ {VIEW}.select({VIEW}.sampleOf(start), {VIEW}.sampleOf(stop)); }}", [start, stop])
        n_before = page.evaluate(f"{VIEW}.store.labels.size")
        canvas.press(str(1 + page.evaluate(f"name => {VIEW}.store.types.findIndex(type => type.name === name)", name)))
        page.wait_for_function(f"{VIEW}.store.labels.size > {n_before}")
    kept, _ = read_annotations(recording.with_name(f"{recording.stem}_annotations.csv"))
    assert kept.names.tolist() == [name for name, *_ in labels]


def annotate(recording: Path, labels: list[tuple[str, float, float]]) -> None:
    """Annotate what is not yet annotated in a recording, with the very edits of the page, but by no page."""
    session = Session(recording)
    known = {(label.name, round(label.start_seconds, 2)) for label in session.document.labels.values()}
    for name in sorted({name for name, *_ in labels} - set(session.document.song_types)):
        session.do(AddType(name, "segment"))
    for name, start, stop in labels:
        if (name, round(start, 2)) not in known:
            session.do(Make(name, start, stop))


def annotate_the_rest(page: Any, bare: Bare) -> None:
    """Go on to another recording, and have the rest of the minute annotated."""
    first, second, *_ = bare.of(FIRST)
    choose_recording(page, second)
    page.wait_for_function(f"{VIEW}.store.labels.size === 0 && {READY}")
    for recording in bare.of(FIRST):
        annotate(recording, bare.truth[recording])
    page.wait_for_function(f"{VIEW}.store.labels.size === {len(bare.truth[second])}")  # it follows
    assert first.with_name(f"{first.stem}_annotations.csv").is_file()


def assemble_and_train(page: Any, bare: Bare) -> None:
    """Assemble the minute, and train a small network for a moment; with fixed seeds, so that it learns as well every time."""
    page.locator(".dss-step-1").click()
    field = page.locator(".dss-assembly-panel .dss-field-data_folder input")
    field.fill(str(bare.root / FIRST))
    field.press("Enter")
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    page.locator(".dss-assembly-panel .dss-advanced").click()
    page.locator(".dss-assembly-panel .dss-field-seed input").fill("1")
    story.assemble(page)
    page.locator(".dss-next:not([disabled])").click()
    story.choose_quick(page)
    page.locator(".dss-training-panel .dss-advanced").click()
    for name, value in (("epochs", "1"), ("filters", "4"), ("batch_size", "16"), ("seed", "3")):
        page.locator(f".dss-training-panel .dss-field-{name} input").fill(value)
    page.locator(".dss-start:not([disabled])").click()
    page.locator(".dss-training-panel .dss-run-state", has_text="finished").first.wait_for(timeout=_PATIENCE)


def find_where_to_look(page: Any) -> None:
    """Have the network say where it is unsure."""
    page.locator(".dss-look-first:not([disabled])").click()
    page.locator(".dss-walk-told", has_text=re.compile(r"1 of \d+")).wait_for()


def correct(page: Any, bare: Bare) -> None:
    """Have others annotate the new song, with one song type that is wrong; look at a stretch, and mend that label."""
    first, *_ = bare.of(NEW)
    for recording in bare.of(NEW):
        annotate(recording, bare.truth[recording])
    right = bare.truth[first][0][0]
    session = Session(first)
    wrong = next(name for name in session.document.song_types if name != right)
    session.do(Relabel((session.document.in_order()[0].id,), wrong))
    page.locator(".dss-annotate-list option", has_text=f"{len(bare.truth[first])} labels").first.wait_for(state="attached")
    find_where_to_look(page)
    page.locator(".dss-walk-on").click()
    page.locator(".dss-walk-told", has_text=re.compile(r"2 of \d+")).wait_for()
    choose_recording(page, first)
    page.wait_for_function(f"{VIEW}.store.labels.size === {len(bare.truth[first])} && {READY}")
    canvas = page.locator(".dss-annotation-panel .dss-sound-canvas")
    for key in ("Escape", "Escape", "Home", "n"):
        canvas.press(key)
    page.locator(".dss-edit-type").select_option(right)

    def is_right() -> bool:
        found, _ = read_annotations(first.with_name(f"{first.stem}_annotations.csv"))
        return found.names.tolist() == [name for name, *_ in bare.truth[first]]

    wait_until(is_right, "the label is wrong still")


def learn_on(page: Any, bare: Bare) -> list[Round]:
    """Let the network learn on; returns the rounds, as they are kept."""
    panel = page.locator(".dss-learning-panel")
    panel.locator(".dss-to-learn", has_text="24.0 s").wait_for()
    panel.locator(".dss-to-learn", has_text=str(sum(len(bare.truth[path]) for path in bare.of(NEW)))).wait_for()
    panel.locator(".dss-field-start select").select_option(label="from the network’s weights".replace("’", "'"))
    panel.locator(".dss-field-epochs input").fill("8")
    panel.locator(".dss-field-epochs input").press("Enter")
    panel.locator(".dss-learn:not([disabled])").click()
    panel.locator(".dss-learn-progress", has_text="Learned").wait_for(timeout=_PATIENCE)
    panel.locator(".dss-rounds-table tbody tr").nth(1).wait_for()
    expect(panel.locator(".dss-rounds-next")).to_contain_text("The last round brought")
    panel.locator(".dss-rounds-plot path.line").first.wait_for(state="attached")
    [kept] = (bare.root / f"{FIRST}.res").glob("*_rounds.json")
    rounds = read_rounds(kept)
    for this in rounds:
        expect(panel.locator(".dss-rounds-table")).to_contain_text(f"{this.scores['macro_f1']:.3f}")
    return rounds


def go_round(page: Any, bare: Bare) -> list[Round]:
    """Take all steps of the circle in an open dashboard; returns the rounds."""
    open_recordings(page, bare, FIRST)
    annotate_by_hand(page, bare)
    annotate_the_rest(page, bare)
    assemble_and_train(page, bare)
    open_recordings(page, bare, NEW)
    correct(page, bare)
    return learn_on(page, bare)
