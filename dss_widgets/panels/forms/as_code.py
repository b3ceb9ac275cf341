"""What a form says, as Python, as a command line and as a config file: pure functions from options to text."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from dss_widgets.options import AssemblyOptions, Options, PredictionOptions, TrainingOptions
from dss_widgets.options.files import options_as_yaml


def python_call(options: Options) -> str:
    """Return the expression that makes options like these; only what differs from the defaults is named."""
    changed = options.as_dict(changed_only=True)
    if not changed:
        return f"{type(options).__name__}()"
    lines = "".join(f"    {name}={value!r},\n" for name, value in changed.items())
    return f"{type(options).__name__}(\n{lines})"


def flags(options: Options, *left_out: str) -> list[str]:
    """Return the command-line flags of what differs from the defaults."""
    words: list[str] = []
    declared = options.declared()
    for name, value in options.as_dict(changed_only=True).items():
        option = declared[name]
        if name in left_out or not option.shown:
            continue
        if option.kind == "bool":
            words.append(option.flag if value else f"--no-{option.flag[2:]}")
        else:
            text = option.format(value)
            words += [option.flag, *(text.split() if option.kind == "flags" else [text])]
    return words


def _command(*words: str) -> str:
    """Return words as one command, a flag a line."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(shlex.quote(word))
    return " \\\n    ".join(" ".join(line) for line in lines)


def assembly_python(options: AssemblyOptions) -> str:
    """Return Python that assembles with these options."""
    return (
        "from dss_widgets.dataset.assembly.assemble import assemble\n"
        "from dss_widgets.dataset.splits.plan import plan_splits\n"
        "from dss_widgets.dataset.survey import survey\n"
        "from dss_widgets.options import AssemblyOptions\n\n"
        f"options = {python_call(options)}\n"
        "plan = plan_splits(survey(options.data_folder), options)\n"
        "store = assemble(plan)\n"
    )


def assembly_command(options: AssemblyOptions) -> str:
    """Return the command that assembles with these options."""
    store = [options.store_folder] if options.store_folder else []
    return _command(
        "dss-widgets", "assemble", options.data_folder or "FOLDER", *store, *flags(options, "data_folder", "store_folder")
    )


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
    return _command("dss-widgets", "train", options.store_folder or "STORE.npy", *flags(options, "store_folder"))


def prediction_code(stem: str, recordings: Sequence[str], out_folder: str, options: PredictionOptions) -> dict[str, str]:
    """Return Python and command line that annotate recordings with a network."""
    shown = list(recordings) or ["RECORDING"]
    chosen = f", {python_call(options)}" if options.as_dict(changed_only=True) else ""
    imports = "from dss_widgets.options import PredictionOptions\n" if chosen else ""
    python = (
        f"{imports}from dss_widgets.runs.predicting import Prediction\n\n"
        f"recordings = [\n{''.join(f'    {path!r},{chr(10)}' for path in shown)}]\n"
        f"prediction = Prediction({stem!r}, recordings, {out_folder!r}{chosen})  # a process of its own\n"
        "prediction.wait()\n"
        "print(prediction.status().state, prediction.files())\n"
    )
    return {
        "Python": python,
        "Command line": _command("dss-widgets", "predict", stem, *shown, "--out", out_folder, *flags(options)),
    }


def dataset_code(store: str) -> dict[str, str]:
    """Return Python and command line that open a dataset."""
    python = (
        "from dss_widgets.dataset import open_dataset\n\n"
        f"dataset = open_dataset({store!r})\n"
        'train = dataset.split("train")\n'
        "print(dataset.class_names, train.x.shape, train.y().shape)\n"
    )
    return {"Python": python, "Command line": _command("dss-widgets", "inspect", store)}


def results_code(stem: str) -> dict[str, str]:
    """Return Python and command line that read a run's scores, or make them anew."""
    python = (
        "from dss_widgets.results import read_results\n\n"
        f"results = read_results({stem!r})\n"
        "print(results.scores.macro_f1, results.more_scores)\n"
        'predicted = results.read("labels_pred")\n'
    )
    return {"Python": python, "Command line": _command("dss-widgets", "evaluate", stem)}


def runs_code(save_folder: str) -> dict[str, str]:
    """Return Python and command line that list the runs of a folder."""
    python = (
        "from dss_widgets.runs import list_runs\n\n"
        f"for run in list_runs({save_folder!r}):\n"
        "    status = run.status()\n"
        "    print(run.name, status.state, status.best_val_loss)\n"
    )
    return {"Python": python, "Command line": _command("dss-widgets", "runs", save_folder)}


def code_of(options: Any) -> dict[str, str]:
    """Return the texts by their titles: Python, command line, config file."""
    if isinstance(options, AssemblyOptions):
        python, command, file = assembly_python(options), assembly_command(options), "assembly.yaml"
    else:
        python, command, file = training_python(options), training_command(options), "training.yaml"
    return {"Python": python, "Command line": command, file: options_as_yaml(options)}
