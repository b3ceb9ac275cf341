"""Loading a config file into a form: from the visitor's own computer, or from a folder of the server's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, FileUpload, Text

from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.options import Options, TrainingOptions
from dss_widgets.options.files import options_from_yaml, parse_yaml_mapping
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.style.theme import classed, plain_layout, put, text
from dss_widgets.panels.style.words import error_list, escape, problem_list
from dss_widgets.results.params_file import parse_params
from dss_widgets.results.params_options import options_of_params
from dss_widgets.roots import open_confined

_LARGEST = 1_000_000


class LoadConfig(Folded):
    """A button that opens two ways to a config file; what it holds goes into the options, all of it or nothing.

    Attributes:
        options: what is filled in.
        loaded: counts up when a file was loaded.
    """

    options = t.Instance(Options)
    loaded = t.Int(0)

    def __init__(self, options: Options) -> None:
        self.upload = FileUpload(accept=".yaml,.yml", multiple=False, description="From your computer", layout=plain_layout())
        self.path = Text(placeholder="or the path of a .yaml file on the server", layout=plain_layout())
        self.path.tooltip = "Path of a config file on the server"
        self._open: Button = Button(description="Load", layout=plain_layout())
        self._said: HTML = text()
        row = classed(Box([self.upload, self.path, self._open], layout=plain_layout()), "dss-row")
        super().__init__("Load config", "dss-load-config")
        self.options = options
        self.body.children = [row, self._said]
        self._open.on_click(lambda _: self.load_path(self.path.value))
        self.upload.observe(self._uploaded, "value")

    def load_path(self, path: str) -> None:
        """Load a file of the server's, if it may be read."""
        path = path.strip()
        try:
            with open_confined(path) as file:
                content = file.read(_LARGEST + 1)
        except OSError as error:
            put(self._said, problem_list([Problem(f"{path}: cannot be read ({error.strerror or error}).")]))
        except DataError as error:
            put(self._said, error_list(error))
        else:
            self._load(content, path)

    def _uploaded(self, change: t.Bunch) -> None:
        if not change.new:
            return
        file = change.new[0]
        self._load(bytes(file["content"][: _LARGEST + 1]), file["name"])
        self.upload.value = ()

    def _load(self, content: bytes, name: str) -> None:
        if len(content) > _LARGEST:
            put(self._said, problem_list([Problem(f"{name}: is too large for a config file.", "Choose another one.")]))
        else:
            self.load_text(content.decode("utf-8", "replace"), name)

    def load_text(self, content: str, name: str) -> None:
        """Load the text of a config file."""
        try:
            if self._is_params(name):
                self._take(options_of_params(parse_params(content.encode(), name)), name)
                return
            values = parse_yaml_mapping(content.encode(), name)
            self._take(options_from_yaml(type(self.options), values).as_dict(), name)
        except OptionsError as error:
            self._refuse(error)
        except DataError as error:
            put(self._said, error_list(error))

    def _refuse(self, error: OptionsError) -> None:
        """Tell what is wrong in a file: by its own names, which is what is looked for in it."""
        names = {problem.field: problem.field for problem in error.problems if problem.field}
        put(self._said, problem_list((replace(problem, file=None) for problem in error.problems), names))

    def _is_params(self, name: str) -> bool:
        """Return whether a file holds the params of a network, which say how to train another one."""
        return isinstance(self.options, TrainingOptions) and name.endswith(PARAMS_SUFFIX)

    def _take(self, values: dict[str, Any], name: str) -> None:
        self.options.update(values)
        put(self._said, f'<p><span class="dss-good">✓ Loaded</span> {escape(name)}</p>')
        self.loaded += 1
