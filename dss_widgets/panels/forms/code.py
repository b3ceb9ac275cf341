"""What a form says as Python, as a command line and as a config file, and the button that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import traitlets as t
from ipywidgets import Box, Button, ToggleButtons, VBox

from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions, Options, PlaceOptions, TrainingOptions
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.options.files import options_as_yaml
from dss_widgets.options.prediction import AnnotatingOptions
from dss_widgets.panels.forms.code_text import CodeText
from dss_widgets.panels.style.theme import classed, plain_layout, show

_IMPORT_PLACE = "from dss_widgets.options import PlaceOptions\n"


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


def command(*words: str) -> str:
    """Return words as one command, a flag a line."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(shlex.quote(word))
    return " \\\n    ".join(" ".join(line) for line in lines)


def texts(python: str, command_line: str, **configs: Options | None) -> dict[str, str]:
    """Return texts by their titles: ``Python``, ``Command line`` and, for every config, ``<name>.yaml``; none for None."""
    files = {f"{name}.yaml": options_as_yaml(options) for name, options in configs.items() if options is not None}
    return {"Python": python, "Command line": command_line, **files}


Texts = dict[str, str]
"""Texts by their titles: ``Python``, ``Command line``, the config file's name."""


def _survey_of(name: str, options: AssemblyOptions) -> str:
    more = f", names_from={name}.names_from" if options.names_from else ""
    more += f", below={name}.folders_below" if options.folders_below else ""
    return f"survey({name}.data_folder{more})"


def _planning(options: AssemblyOptions, act: str) -> str:
    more = "assemble, plan_splits, survey" if "assemble(" in act else "plan_splits, survey"
    return (
        f"from dss_widgets.dataset import {more}\n"
        "from dss_widgets.options import AssemblyOptions\n\n"
        f"options = {python_call(options)}\n"
        f"plan = plan_splits({_survey_of('options', options)}, options)\n{act}"
    )


def assembly_python(options: AssemblyOptions, place: PlaceOptions | None = None) -> str:
    """Return Python that assembles with these options: in the process that runs it or, in Slurm, as a job."""
    where, handed = _place_python(place)
    if not where:
        return _planning(options, "store = assemble(plan)\n")
    return (
        f"from dss_widgets.jobs import start_job\n{_IMPORT_PLACE}"
        "from dss_widgets.options.assembly import AssemblingOptions\n\n"
        f"options = {python_call(AssemblingOptions(**options.as_dict()))}\n{where}"
        f'job = start_job("assemble", options{handed})\n'
        "print(job.status())\n"
    )


def _assembly_words(options: AssemblyOptions) -> list[str]:
    store = [options.store_folder] if options.store_folder else []
    return [options.data_folder or "FOLDER", *store, *flags(options, "data_folder", "store_folder")]


def assembly_command(options: AssemblyOptions, place: PlaceOptions | None = None) -> str:
    """Return the command that assembles with these options."""
    return command("dss-widgets", "assemble", *_assembly_words(options), *_place_flags(place))


def preview_code(options: AssemblyOptions) -> Texts:
    """Return what plans the splits and shows them, without writing anything."""
    python = _planning(options, "for problem in plan.problems:\n    print(problem)\nprint(plan.split_seconds())\n")
    return texts(python, command("dss-widgets", "plan", *_assembly_words(options)), assembly=options)


def _place_python(place: PlaceOptions | None) -> tuple[str, str]:
    """Return the line of Python that says where a job runs, and the argument that hands it on; '' for this computer."""
    if place is None or not place.is_slurm:
        return "", ""
    return f"place = {python_call(place)}\n", ", place"


def _place_flags(place: PlaceOptions | None) -> list[str]:
    return flags(place) if place is not None and place.is_slurm else []


def training_python(options: TrainingOptions, place: PlaceOptions | None = None) -> str:
    """Return Python that starts training with these options."""
    where, handed = _place_python(place)
    return (
        f"from dss_widgets.options import {'PlaceOptions, ' if where else ''}TrainingOptions\n"
        "from dss_widgets.jobs import start_run\n\n"
        f"options = {python_call(options)}\n{where}"
        f"run = start_run(options{handed})  # a process of its own: it goes on when this one ends\n"
        "print(run.status())\n"
    )


def training_command(options: TrainingOptions, place: PlaceOptions | None = None) -> str:
    """Return the command that trains with just these options, whatever would suit the dataset."""
    store = options.store_folder or "STORE.npy"
    return command("dss-widgets", "train", store, "--no-suggest", *flags(options, "store_folder"), *_place_flags(place))


def prediction_code(options: AnnotatingOptions, place: PlaceOptions | None = None) -> Texts:
    """Return what annotates recordings with a network."""
    where, handed = _place_python(place)
    python = (
        "from dss_widgets.jobs import follow, start_job\n"
        f"{_IMPORT_PLACE if where else ''}"
        "from dss_widgets.options.prediction import AnnotatingOptions\n\n"
        f"options = {python_call(options)}\n{where}"
        f'job = start_job("predict", options{handed})  # a process of its own\n'
        "for event in follow(job):\n"
        "    print(event)\n"
        "print(job.status().state, job.outcome())\n"
    )
    shown = options.recordings or ["RECORDING"]
    networks = [options.network or "STEM", *options.more_networks]
    words = ["dss-widgets", "predict", *networks, *shown, "--out", options.out_folder, *flags(options)]
    words += ["--combine", options.combine] if options.combine != "best" else []
    words += ["--relative-to", options.relative_to] if options.relative_to else []
    words += ["--existing", options.on_existing] if options.on_existing != "refuse" else []
    words += _place_flags(place)
    return texts(python, command(*words), prediction=options.of_labels())


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
    """Return what reads a run's scores, or makes them again.

    Args:
        stem: of the run's files.
        options: what it was trained with.
        store: the dataset to test on; '' for its own.
    """
    python = (
        "from dss_widgets.results import read_results\n\n"
        f"results = read_results({stem!r})\n"
        'print(results.scores.macro_f1, results.more_scores.get("annotations"))\n'
        'predicted = results.read("labels_pred")\n'
    )
    again = ["--dataset", store] if store else []
    return texts(python, command("dss-widgets", "evaluate", stem, *again), training=options)


def runs_code(save_folder: str, options: TrainingOptions | None = None) -> Texts:
    """Return what lists the runs of a folder, and the options of one of them."""
    python = (
        "from dss_widgets.jobs import list_runs\n\n"
        f"for run in list_runs({save_folder!r}):\n"
        "    status = run.status()\n"
        "    print(run.name, status.state, status.best_val_loss)\n"
    )
    return texts(python, command("dss-widgets", "runs", save_folder), training=options)


def run_code(folder: str, options: TrainingOptions | None = None) -> Texts:
    """Return what follows a run, and the options that it was started with."""
    python = (
        "from dss_widgets.events import EpochDone\n"
        "from dss_widgets.jobs import find_run, follow\n\n"
        f"for event in follow(find_run({folder!r})):\n"
        "    if isinstance(event, EpochDone):\n"
        "        print(event.epoch, event.loss, event.val_loss)\n"
    )
    return texts(python, command("dss-widgets", "follow", folder), training=options)


def pipeline_code(assembly: AssemblyOptions, training: TrainingOptions) -> Texts:
    """Return all steps, from recordings to scores."""
    training = training.copy(store_folder=training.store_folder or (str(assembly.store_path) if assembly.data_folder else ""))
    python = (
        "from dss_widgets.dataset import assemble, plan_splits, survey\n"
        "from dss_widgets.options import AssemblyOptions, TrainingOptions\n"
        "from dss_widgets.results import read_results\n"
        "from dss_widgets.jobs import follow, start_run\n\n"
        f"assembly = {python_call(assembly)}\n"
        f"store = assemble(plan_splits({_survey_of('assembly', assembly)}, assembly))\n\n"
        f"run = start_run({python_call(training)})\n"
        "for event in follow(run):  # until it has ended\n"
        "    print(event)\n"
        "print(read_results(run.stem).scores.macro_f1)\n"
    )
    commands = f"{assembly_command(assembly)}\n\n{training_command(training)}"
    return texts(python, commands, assembly=assembly, training=training)


def code_of(options: Any, place: PlaceOptions | None = None) -> Texts:
    """Return the texts of a form, whose job runs at a place."""
    if isinstance(options, AssemblyOptions):
        return texts(assembly_python(options, place), assembly_command(options, place), assembly=options)
    return texts(training_python(options, place), training_command(options, place), training=options)


class ShowCode(VBox):
    """A button that opens the code of some options, kept in step with them while it is open.

    Args:
        options: what is watched.
        texts: gives the texts by their titles; left out, those of the options.
        words: of the button while the code is hidden.

    Attributes:
        options: the options; None where the code depends on other things: call :meth:`draw` when they change.
        is_open: whether the code is shown.

    Example:
        >>> ShowCode(TrainingOptions(store_folder="birds.npy"))
    """

    options = t.Instance(Options, allow_none=True)
    is_open = t.Bool(False)

    def __init__(
        self, options: Options | None, texts: Callable[[], dict[str, str]] | None = None, words: str = "Show code"
    ) -> None:
        self._texts, self._words = texts or (lambda: code_of(self.options)), words
        self._button: Button = classed(Button(description=words, layout=plain_layout()), "dss-show-code", "dss-plain")
        self._kinds = ToggleButtons(options=[], layout=plain_layout())
        self._kinds.style.button_width = "auto"
        self._code = CodeText()
        body = VBox([self._kinds, self._code], layout=plain_layout())
        self._body: Box = classed(body, "dss-stack-tight", "dss-tool-body", "dss-off")
        super().__init__([self._button, self._body], options=options, layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-tool")
        self._button.on_click(lambda _: self.toggle())
        self.observe(self._open_or_close, "is_open")
        self._kinds.observe(lambda _: self.draw(), "value")
        if options is not None:
            options.observe(lambda _: self.draw(), list(options.declared()))

    def toggle(self) -> None:
        """Show or hide the code."""
        self.is_open = not self.is_open

    def _open_or_close(self, _change: t.Bunch) -> None:
        show(self._body, self.is_open)
        self._button.description = "Hide code" if self.is_open else self._words
        self.draw()

    def draw(self) -> None:
        """Bring the code in step with what it depends on."""
        if not self.is_open:
            return
        texts = self._texts()
        if self._kinds.options != tuple(texts):
            self._kinds.options = tuple(texts)
            self._kinds.value = next(iter(texts))
        kind = self._kinds.value
        self._code.put(texts[kind], kind if kind.endswith(".yaml") else "")
