"""While a page loads its kernel goes on: whatever it makes meanwhile is there in the end, and nothing is broken.

What the page logs as an error fails these tests as all others: see conftest.py.
"""

from urllib.parse import urlencode

import nbformat
import pytest
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = {
    "dashboard": ("run", ".dss-worst-plots .dss-sound[data-complete=true]"),
    "monitor": ("run", ".dss-worst-plots .dss-sound[data-complete=true]"),
    "inspect": ("store", ".dss-dataset-plots .dss-sound[data-complete=true]"),
}
"""By app: what its link names, and the last that is drawn, of which the data is read beside the loop."""

RESTLESS = """
from ipywidgets import VBox
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.style.theme import plain_layout, text
from dss_widgets.panels.panel import Panel

class Restless(Panel):
    def __init__(self):
        self.n, self.stage = 0, VBox(layout=plain_layout())
        super().__init__([self.stage], "dss-restless")
        self._every(Ticker(self.tick, 0.02)).start()

    def tick(self):
        self.n += 1
        old, self.stage.children = self.stage.children, [text(f"made {self.n}", "dss-made")]
        for widget in old:
            widget.close()
        return self.n < 300

Restless()
"""


def open_and_look(page, link, app, times=1):
    for _ in range(times):
        page.goto(link)
        page.locator(LINKS[app][1]).first.wait_for()
        assert page.get_by_text("javascript error").count() == 0


@pytest.mark.parametrize("app", LINKS)
def test_on_a_jupyter_server(page, server, trained, app):
    link = server.app(app, **{LINKS[app][0]: getattr(trained, LINKS[app][0])})
    open_and_look(page, link, app, 2)  # the second comes earlier in the kernel's work: the page's programs are at hand


@pytest.mark.parametrize("app", LINKS)
def test_on_a_server_of_its_own(page, trained, app, tmp_path):
    with serve("serve", app, "--root", str(trained.root), env={"XDG_STATE_HOME": str(tmp_path)}) as own:
        query = urlencode({LINKS[app][0]: getattr(trained, LINKS[app][0])})
        open_and_look(page, f"{own.link}&{query}", app)


def test_widgets_that_are_made_all_the_time(page, server):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RESTLESS)])
    nbformat.write(notebook, server.folder / "apps" / "restless.ipynb")
    page.goto(server.app("restless"))
    made = page.locator(".dss-made", has_text="made")
    made.wait_for()
    page.wait_for_function(
        "before => document.querySelector('.dss-made').innerText !== before && !document.body.innerText.includes('error')",
        arg=made.inner_text(),
    )
