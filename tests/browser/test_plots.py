"""A plot is shown before all it shows is known, and changed in parts: a page draws after every part.

What the page logs as an error fails these tests as all others: see conftest.py.
"""

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EARLY = """
import bqplot as bq
from ipywidgets import Button, VBox
from dss_widgets.panels.style.plots import axis_figure

line = bq.Lines(x=[0.5], y=[0.5], scales={"x": bq.LinearScale(), "y": bq.LinearScale()})
plot, button = axis_figure("Early", line, "time (s)", "probability"), Button(description="Draw")
plot.layout.display = "none"

def draw(_):
    for axis in plot.children[-1].axes:
        axis.tick_values = [0.0, 0.5, 1.0]
    line.x, line.y = [0.0, 0.5, 1.0], [0.0, 0.5, 1.0]
    plot.layout.display = None

button.on_click(draw)
VBox([button, plot])
"""


def test_a_plot_that_was_shown_before_it_had_room_and_data_is_drawn(page, server):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(EARLY)])
    nbformat.write(notebook, server.folder / "apps" / "early.ipynb")
    page.goto(server.app("early"))
    page.locator(".dss-plot svg .axis").nth(1).wait_for(state="attached")
    page.get_by_role("button", name="Draw").click()
    page.locator(".dss-plot svg .axis text", has_text="0.5").first.wait_for()
