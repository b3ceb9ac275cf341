"""What a panel shows or does, as Python, as a command line and as a config file: pure functions from options to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions, PredictionOptions, TrainingOptions
from dss_widgets.panels.forms.code_parts import command, flags, python_call, texts

Texts = dict[str, str]
"""Texts by their titles: ``Python``, ``Command line``, the config file's name."""


def _survey_of(name: str, options: AssemblyOptions) -> str:
    more = f", names_from={name}.names_from" if options.names_from else ""
    return f"survey({name}.data_folder{more})"


def _planning(options: AssemblyOptions, act: str) -> str:
    more = "assemble, plan_splits, survey" if "assemble(" in act else "plan_splits, survey"
    return (
        f"from dss_widgets.dataset import {more}\n"
        "from dss_widgets.options import AssemblyOptions\n\n"
        f"options = {python_call(options)}\n"
        f"plan = plan_splits({_survey_of('options', options)}, options)\n{act}"
    )


def assembly_python(options: AssemblyOptions) -> str:
    """Return Python that assembles with these options."""
    return _planning(options, "store = assemble(plan)\n")


def _assembly_words(options: AssemblyOptions) -> list[str]:
    store = [options.store_folder] if options.store_folder else []
    return [options.data_folder or "FOLDER", *store, *flags(options, "data_folder", "store_folder")]


def assembly_command(options: AssemblyOptions) -> str:
    """Return the command that assembles with these options."""
    return command("dss-widgets", "assemble", *_assembly_words(options))


def preview_code(options: AssemblyOptions) -> Texts:
    """Return what plans the splits and shows them, without writing anything."""
    python = _planning(options, "for problem in plan.problems:\n    print(problem)\nprint(plan.split_seconds())\n")
    return texts(python, command("dss-widgets", "plan", *_assembly_words(options)), assembly=options)


def training_python(options: TrainingOptions) -> str:
    """Return Python that starts training with these options."""
    return (
        "from dss_widgets.options import TrainingOptions\n"
        "from dss_widgets.runs import start_run\n\n"
        f"options = {python_call(options)}\n"
        "run = start_run(options)  # a process of its own: it goes on when this one ends\n"
        "print(run.status())\n"
    )


def training_command(options: TrainingOptions) -> str:
    """Return the command that trains with these options."""
    return command("dss-widgets", "train", options.store_folder or "STORE.npy", *flags(options, "store_folder"))


def prediction_code(stem: str, recordings: Sequence[str], out_folder: str, options: PredictionOptions) -> Texts:
    """Return what annotates recordings with a network."""
    shown = list(recordings) or ["RECORDING"]
    chosen = f", {python_call(options)}" if options.as_dict(changed_only=True) else ""
    imports = "from dss_widgets.options import PredictionOptions\n" if chosen else ""
    python = (
        f"{imports}from dss_widgets.runs.predicting import Prediction\n\n"
        f"recordings = [\n{''.join(f'    {path!r},{chr(10)}' for path in shown)}]\n"
        f"prediction = Prediction({stem!r}, recordings, {out_folder!r}{chosen})  # a process of its own\n"
        "prediction.wait()\n"
        "print(prediction.status().state, prediction.status().message)\n"
        "print(prediction.files())\n"
    )
    words = ["dss-widgets", "predict", stem, *shown, "--out", out_folder, *flags(options)]
    return texts(python, command(*words), prediction=options)


def dataset_code(store: str, dataset: Dataset | None = None) -> Texts:
    """Return what opens a dataset, and the options that it was assembled with, where it tells."""
    python = (
        "from dss_widgets.dataset import open_dataset\n\n"
        f"dataset = open_dataset({store!r})\n"
        'train = dataset.split("train")\n'
        "print(dataset.class_names, train.x.shape, train.y().shape)\n"
    )
    return texts(python, command("dss-widgets", "inspect", store), assembly=assembled_with(dataset))


def assembled_with(dataset: Dataset | None) -> AssemblyOptions | None:
    """Return the options that a dataset was assembled with; None where that is not told."""
    told = dataset.attrs.get("options") if dataset is not None else None
    known = AssemblyOptions.declared()
    try:
        return AssemblyOptions(**{name: value for name, value in told.items() if name in known}) if told else None
    except Exception:  # a dataset of another version, whose options are no longer these
        return None


def results_code(stem: str, options: TrainingOptions | None = None, store: str = "") -> Texts:
    """Return what reads a run's scores, or makes them anew.

    Args:
        stem: of the run's files.
        options: what it was trained with.
        store: the dataset to test on; '' for its own.
    """
    python = (
        "from dss_widgets.results import read_results\n\n"
        f"results = read_results({stem!r})\n"
        "print(results.scores.macro_f1, results.more_scores)\n"
        'predicted = results.read("labels_pred")\n'
    )
    again = ["--dataset", store] if store else []
    return texts(python, command("dss-widgets", "evaluate", stem, *again), training=options)


def runs_code(save_folder: str, options: TrainingOptions | None = None) -> Texts:
    """Return what lists the runs of a folder, and the options of one of them."""
    python = (
        "from dss_widgets.runs import list_runs\n\n"
        f"for run in list_runs({save_folder!r}):\n"
        "    status = run.status()\n"
        "    print(run.name, status.state, status.best_val_loss)\n"
    )
    return texts(python, command("dss-widgets", "runs", save_folder), training=options)


def run_code(folder: str, options: TrainingOptions | None = None) -> Texts:
    """Return what follows a run, and the options that it was started with."""
    python = (
        "from dss_widgets.runs import find_run, follow\n\n"
        f"for event in follow(find_run({folder!r})):\n"
        '    if event["event"] == "epoch":\n'
        '        print(event["epoch"], event["loss"], event["val_loss"])\n'
    )
    return texts(python, command("dss-widgets", "follow", folder), training=options)


def pipeline_code(assembly: AssemblyOptions, training: TrainingOptions) -> Texts:
    """Return all steps, from recordings to scores."""
    training = training.copy(store_folder=training.store_folder or (str(assembly.store_path) if assembly.data_folder else ""))
    python = (
        "from dss_widgets.dataset import assemble, plan_splits, survey\n"
        "from dss_widgets.options import AssemblyOptions, TrainingOptions\n"
        "from dss_widgets.results import read_results\n"
        "from dss_widgets.runs import follow, start_run\n\n"
        f"assembly = {python_call(assembly)}\n"
        f"store = assemble(plan_splits({_survey_of('assembly', assembly)}, assembly))\n\n"
        f"run = start_run({python_call(training)})\n"
        "for event in follow(run):  # until it has ended\n"
        "    print(event)\n"
        "print(read_results(run.stem).scores.macro_f1)\n"
    )
    commands = f"{assembly_command(assembly)}\n\n{training_command(training)}"
    return texts(python, commands, assembly=assembly, training=training)


def code_of(options: Any) -> Texts:
    """Return the texts of a form."""
    if isinstance(options, AssemblyOptions):
        return texts(assembly_python(options), assembly_command(options), assembly=options)
    return texts(training_python(options), training_command(options), training=options)
