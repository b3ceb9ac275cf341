"""The whole circle in a real browser: annotated from nothing, trained, corrected, learned on, and the scores rise."""

import shutil

import circle
import pytest
from lab_server import APPS, lab
from served import serve
from test_jupyterlab import wait_for_kernel

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def check(rounds) -> None:
    first, second = rounds
    assert (first.number, second.number, second.start) == (0, 1, "weights")
    assert second.test == first.test
    assert second.minutes == pytest.approx(0.4)
    assert second.changed > 0
    assert second.scores["macro_f1"] > first.scores["macro_f1"]


def test_the_circle_in_voila(page, tmp_path):
    bare = circle.bare_song(tmp_path / "songs")
    with serve("serve", "dashboard", "--root", str(bare.root), env={"XDG_STATE_HOME": str(tmp_path)}) as server:
        page.goto(server.link)
        page.locator(".dss-assembly-panel").wait_for()
        check(circle.go_round(page, bare))


def test_the_circle_in_jupyterlab(page, tmp_path):
    bare = circle.bare_song(tmp_path / "songs")
    shutil.copytree(APPS, tmp_path / "lab" / "apps")
    with lab(tmp_path / "lab", {"DSS_WIDGETS_ROOTS": str(bare.root)}) as server:
        page.goto(server.notebook("dashboard"))
        wait_for_kernel(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.locator(".dss-assembly-panel").wait_for()
        check(circle.go_round(page, bare))
