"""What holds for every panel."""

import importlib
import inspect
import pkgutil

import ipywidgets
import pytest

from dss_widgets import panels

MEANT = {"__init__", "close", "click"}  # they go on to the one that they hide
PANELS = [name for name in panels.__all__ if inspect.isclass(getattr(panels, name)) and name != "PageRequest"]
WIDGETS = sorted(
    {
        kind
        for module in pkgutil.walk_packages(panels.__path__, f"{panels.__name__}.")
        for _, kind in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if issubclass(kind, ipywidgets.Widget) and kind.__module__.startswith(panels.__name__)
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.__name__)
def test_no_name_of_ours_hides_one_of_ipywidgets(kind):
    theirs = {name for base in kind.__mro__ if base.__module__.startswith(("ipywidgets", "traitlets")) for name in vars(base)}
    ours = {name for name, value in vars(kind).items() if inspect.isfunction(value)}
    assert not (ours & theirs) - MEANT


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_opens_without_anything_chosen_and_has_an_example(name):
    kind = getattr(panels, name)
    panel = kind()
    assert repr(panel)
    assert "Example:" in inspect.getdoc(kind)
    panel.close()
