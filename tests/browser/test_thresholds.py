"""A threshold is moved with the keys, what it does follows at once, and annotating takes it on a press."""

import shutil

import pytest

from dss_widgets.options import PredictionOptions
from dss_widgets.results import LabellingRules, read_params
from dss_widgets.results.stems import stem_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_threshold_is_moved_seen_and_kept(page, server, trained):
    run = shutil.copytree(trained.run.parent, trained.root / "own.res") / trained.run.name
    page.goto(server.app("monitor", run=run))
    slider = page.get_by_role("slider", name="Segments")
    use = page.locator(".dss-use-thresholds")
    use.wait_for()
    assert use.is_disabled(), "they are in use already"
    before = float(slider.input_value())
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    after = f"{before + 0.02:g}"
    page.locator(f'.dss-threshold-segments svg[aria-label*="at {after},"]').wait_for()
    use.click()
    page.get_by_text(f"segments from {after} (set by hand)").wait_for()
    assert LabellingRules.of(PredictionOptions(), read_params(stem_of(run))).segment_threshold == pytest.approx(before + 0.02)
    page.get_by_text("As before the choice").click()
    page.get_by_text(f"segments from {before:g} (").wait_for()
