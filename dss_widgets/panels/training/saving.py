"""Saving what a training form says: as a config file, and as a script that trains elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Textarea, ToggleButtons

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import save_script, training_script
from dss_widgets.jobs.script import SLURM_LINES
from dss_widgets.options import TrainingOptions, load_options, save_options
from dss_widgets.options.files import options_as_yaml
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.save_file import SaveFile
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, show, text
from dss_widgets.panels.style.words import problem_list
from dss_widgets.roots import open_confined

KINDS = {"Shell": "none", "Slurm": "slurm"}


class SaveConfig(Folded):
    """The options as a config file, kept in step with them while it is open.

    Attributes:
        options: the options.
    """

    options = t.Instance(TrainingOptions)

    def __init__(self, options: TrainingOptions) -> None:
        self.file = SaveFile(lambda _, path: save_options(options, path), self._is_config)
        self.file.name = "training.yaml"
        super().__init__("Save config", "dss-save-config")
        self.options = options
        self.body.children = [self.file]
        options.observe(lambda _: self.opened(), list(options.declared()))

    def opened(self) -> None:
        """Bring the text in step with the options."""
        if self.is_open:
            self.file.content = options_as_yaml(self.options)
            self.file.path = self.file.path or str(self.options.save_path / self.file.name)

    @staticmethod
    def _is_config(path: Path) -> bool:
        try:
            load_options(TrainingOptions, path)
        except DssWidgetsError:
            return False
        return True


class SaveScript(Folded):
    """The options as a script: for a shell or Slurm, with lines for the environment and the scheduler.

    Attributes:
        options: the options.
        scheduler: ``none`` or ``slurm``.
    """

    options = t.Instance(TrainingOptions)
    scheduler = t.Enum(list(KINDS.values()), "none")

    def __init__(self, options: TrainingOptions) -> None:
        self.kind = ToggleButtons(options=list(KINDS.items()), layout=plain_layout())
        self.environment = _lines("Environment commands, one per line", "module load anaconda\nconda activate song", 3)
        self.slurm = _lines("Scheduler options (#SBATCH), one per line; # disables a line", "", len(SLURM_LINES))
        self.slurm.value = "\n".join(SLURM_LINES)
        self.file = SaveFile(save_script, _is_script)
        self._about: HTML = text(_ABOUT, "dss-note")
        self._trouble: HTML = text()
        super().__init__("Save script", "dss-save-script")
        self.options = options
        self.body.children = [self.kind, self.environment, self.slurm, self._about, self._trouble, self.file]
        t.link((self, "scheduler"), (self.kind, "value"))
        options.observe(lambda _: self.opened(), list(options.declared()))
        self.observe(lambda _: self.opened(), "scheduler")
        for field in (self.environment, self.slurm):
            field.observe(lambda _: self.opened(), "value")

    def opened(self, _change: Any = None) -> None:
        """Bring the script in step with the options and lines."""
        if not self.is_open:
            return
        show(self.slurm, self.scheduler == "slurm")
        errors = [problem for problem in self.options.problems() if problem.is_error]
        put(self._trouble, problem_list(errors, {name: o.label for name, o in self.options.declared().items()}))
        self.file.name = f"train_{self.options.store_path.stem or 'network'}.{'sbatch' if self.scheduler == 'slurm' else 'sh'}"
        self.file.path = str(self.options.save_path.parent / self.file.name)
        self.file.content = "" if errors else self._script()

    def _script(self) -> str:
        return training_script(
            self.options,
            scheduler=self.scheduler,
            scheduler_lines=lines_of(self.slurm.value),
            environment_lines=lines_of(self.environment.value),
        )


_ABOUT = (
    "It trains with exactly these options, wherever this program is installed. For another machine, change the two paths at "
    "its top. Run it again and it continues where it stopped."
)


def lines_of(content: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line.strip() for line in content.splitlines() if line.strip()]


def _lines(words: str, placeholder: str, rows: int) -> Textarea:
    area = Textarea(
        description=label(words), description_allow_html=True, placeholder=placeholder,
        rows=rows, layout=plain_layout(),
    )  # fmt: skip
    return classed(area, "dss-lines")


def _is_script(path: Path) -> bool:
    try:
        with open_confined(path) as file:
            return b"dss_widgets" in file.read(20_000)
    except (OSError, DssWidgetsError):
        return False
