"""What a form says as Python, as a command line and as a config file, and the button that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import traitlets as t
from ipywidgets import HTML, Box, Button, ToggleButtons, VBox

from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions, Options, TrainingOptions
from dss_widgets.options.files import options_as_yaml
from dss_widgets.options.prediction import AnnotatingOptions
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape


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
        "from dss_widgets.jobs import start_run\n\n"
        f"options = {python_call(options)}\n"
        "run = start_run(options)  # a process of its own: it goes on when this one ends\n"
        "print(run.status())\n"
    )


def training_command(options: TrainingOptions) -> str:
    """Return the command that trains with these options."""
    return command("dss-widgets", "train", options.store_folder or "STORE.npy", *flags(options, "store_folder"))


def prediction_code(options: AnnotatingOptions) -> Texts:
    """Return what annotates recordings with a network."""
    python = (
        "from dss_widgets.jobs import follow, start_job\n"
        "from dss_widgets.options.prediction import AnnotatingOptions\n\n"
        f"options = {python_call(options)}\n"
        'job = start_job("predict", options)  # a process of its own\n'
        "for event in follow(job):\n"
        "    print(event)\n"
        "print(job.status().state, job.outcome())\n"
    )
    shown = options.recordings or ["RECORDING"]
    words = ["dss-widgets", "predict", options.network or "STEM", *shown, "--out", options.out_folder, *flags(options)]
    words += ["--relative-to", options.relative_to] if options.relative_to else []
    words += ["--existing", options.on_existing] if options.on_existing != "refuse" else []
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
        "print(results.scores.macro_f1, results.more_scores)\n"
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


def code_of(options: Any) -> Texts:
    """Return the texts of a form."""
    if isinstance(options, AssemblyOptions):
        return texts(assembly_python(options), assembly_command(options), assembly=options)
    return texts(training_python(options), training_command(options), training=options)


_COPY = (
    "const code=this.closest('.dss-code').querySelector('pre');const range=document.createRange();"
    "range.selectNodeContents(code);const all=getSelection();all.removeAllRanges();all.addRange(range);"
    "document.execCommand('copy');all.removeAllRanges();this.textContent='Copied'"
)
"""Copies without the clipboard API, which browsers give to encrypted pages alone."""


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
        self._code: HTML = text("", "dss-code")
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
        put(self._code, code_block(texts[kind], kind if kind.endswith(".yaml") else ""))


def download_link(content: str, file: str, words: str = "Download") -> str:
    """Return a link by which the browser saves a text as a file."""
    return (
        f'<a class="dss-copy dss-download" download="{escape(file)}" '
        f'href="data:text/plain;charset=utf-8,{quote(content)}">{escape(words)}</a>'
    )


def code_block(code: str, file: str = "") -> str:
    """Return code as HTML with a button that copies it and, with a file's name, a link that downloads it."""
    save = download_link(code, file) if file else ""
    copy = f'<button type="button" class="dss-copy" onclick="{_COPY}">Copy</button>'
    return f'<div class="dss-code-tools">{save}{copy}</div><pre tabindex="0">{escape(code)}</pre>'
