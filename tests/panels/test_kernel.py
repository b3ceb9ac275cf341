"""The kernel stays small: tensorflow is not in it, and the panels need no network."""

import subprocess
import sys

import pytest

from dss_widgets import panels
from dss_widgets.panels.style.theme import plain_layout, style, stylesheet


def in_a_fresh_interpreter(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_panels_does_not_import_tensorflow():
    assert in_a_fresh_interpreter("import dss_widgets.panels, sys; print('tensorflow' in sys.modules)") == "False"


def test_neither_does_using_all_steps():
    code = (
        "import sys; from dss_widgets.panels import Dashboard; d = Dashboard()\n"
        "for step in range(4): d.step = step\n"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert in_a_fresh_interpreter(code) == "False False"


def test_opening_the_dashboard_waits_for_no_plots():
    code = (
        "import sys; from dss_widgets.panels import Dashboard; Dashboard()\n"
        "print([name for name in ('bqplot', 'pandas', 'scipy.signal') if name in sys.modules])"
    )
    assert in_a_fresh_interpreter(code) == "[]"


@pytest.mark.parametrize("name", [name for name in panels.__all__ if name[0].isupper() and name != "PageRequest"])
def test_every_panel_tells_how_to_use_it(name):
    assert "Example:" in getattr(panels, name).__doc__


def test_the_style_sheet_is_one_widget_and_needs_no_network():
    assert style() is style()
    assert "http" not in stylesheet()
    assert "@import" not in stylesheet()


def test_after_all_widgets_were_closed_new_panels_work():
    style().close()
    plain_layout().close()
    assert style().comm is not None
    assert plain_layout().comm is not None
