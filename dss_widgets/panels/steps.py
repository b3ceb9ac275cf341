"""The steps of the dashboard: their names, what stands between them, and a remark of how far each is."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.jobs import Run, list_runs
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels.run_history import COPIED, status_of
from dss_widgets.panels.style.words import count
from dss_widgets.results.networks import Network, has_network, networks_in
from dss_widgets.roots import refused_paths, why_refused

ASSEMBLE, TRAIN, RESULTS, PREDICT, CORRECT = range(5)
STEPS = (
    "1  Assemble a dataset", "2  Train a network", "3  Check the results", "4  Annotate recordings", "5  Listen and correct",
)  # fmt: skip
NEXT = ("", "train a network", "check the results", "annotate recordings", "listen and correct")
"""What the button that goes on says, by the step it goes to."""


def why_not(step: int, options: TrainingOptions, run: Run | None) -> str:
    """Return why a step cannot be worked on yet, as the end of a sentence, or ''."""
    if step == TRAIN and not is_dataset(options):
        return "assemble a dataset first"
    if step == RESULTS and run is None and not _runs(options):
        return "train a network first"
    if step == PREDICT and not (run is not None and has_network(run.stem)) and not _networks(options):
        return "train a network first"
    return ""


def is_dataset(options: TrainingOptions) -> bool:
    """Return whether the dataset that is to be trained on is there, and may be used."""
    return bool(options.store_folder) and not refused_paths(options) and (options.store_path / "attrs.npy").is_file()


def _runs(options: TrainingOptions) -> list[Run]:
    return [] if not options.store_folder or refused_paths(options) else list_runs(options.save_path)


def _networks(options: TrainingOptions) -> list[Network]:
    return networks_in(options.save_path) if options.store_folder and not refused_paths(options) else []


def assembly_remark(options: AssemblyOptions, dataset: str, *, assembling: bool) -> str:
    """Return how far assembling is."""
    if assembling:
        return "assembling…"
    if dataset and Path(dataset) == options.store_path:
        return f"assembled {Path(dataset).name}"
    folder = Path(options.data_folder).expanduser()
    there = options.data_folder and not why_refused(options.data_folder) and folder.is_dir()
    return f"recordings in {folder.name}" if there else "choose a folder of recordings"


def training_remark(options: TrainingOptions, run: Run | None) -> str:
    """Return how far training is."""
    if run is None:
        return f"dataset {options.store_path.name}" if is_dataset(options) else "needs a dataset"
    status = status_of(run)
    if status.state == COPIED:
        return f"run {run.name}"
    if not status.is_running:
        return f"{status.state} after {count(status.epoch, 'epoch')}"
    if not status.epochs:
        return status.state
    return f"{status.state}, epoch {min(status.epoch + 1, status.epochs)} of {status.epochs}"


def results_remark(options: TrainingOptions, run: Run | None) -> str:
    """Return how the test came out."""
    status = status_of(run) if run is not None else None
    if status is not None and status.is_running:
        return "after training"
    if status is not None and status.macro_f1 is not None:
        return f"macro F1 {status.macro_f1:.3f}"
    return why_not(RESULTS, options, run) or "look at earlier runs"


def prediction_remark(options: TrainingOptions, run: Run | None, n_files: int) -> str:
    """Return what was annotated."""
    return why_not(PREDICT, options, run) or (f"{count(n_files, 'recording')} annotated" if n_files else "with your network")


def correction_remark(recording: str, *, learning: bool) -> str:
    """Return what is listened to, or that a network learns from it."""
    if learning:
        return "learning on…"
    return Path(recording).name if recording else "or annotate by hand"
