"""Two tabs, or two people, at one folder and one run: both see the same, and neither spoils the other's work."""

import shutil

import pytest
import story
from served import serve

from dss_widgets.jobs import Run

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

EPOCHS = 4321


@pytest.fixture
def served(trained, tmp_path):
    """A dashboard's server on a dataset of one's own."""
    shutil.copytree(trained.store, tmp_path / "song.npy")
    with serve("serve", "dashboard", "--root", str(tmp_path), env={"XDG_STATE_HOME": str(tmp_path / "state")}) as server:
        yield f"{server.link}&store={tmp_path / 'song.npy'}", tmp_path / "song.res"


def test_two_tabs_on_one_dataset_and_one_run(visitor, served):
    link, save_folder = served
    with visitor() as one, visitor() as two:
        for page in (one, two):
            page.goto(link)
            page.locator(".dss-training-panel .dss-start:not([disabled])").wait_for()
        two.locator(".dss-advanced:visible").click()
        two.locator(".dss-field-batch_size input").fill("7")  # typed, not used: it stays in this tab

        story.choose_quick(one)
        one.locator(".dss-advanced:visible").click()
        one.locator(".dss-field-filters input").fill("4")
        one.locator(".dss-field-epochs input").fill(str(EPOCHS))
        one.locator(".dss-field-learning_rate input").fill("0.0001")
        one.locator(".dss-start:not([disabled])").dblclick()
        story.state(one, rf"training.*of {EPOCHS}")

        two.locator(".dss-step-3").click()  # the other tab sees it without being told
        two.locator(".dss-runs button").first.wait_for()
        two.locator(".dss-runs button").first.click()
        two.locator(".dss-run-state:visible", has_text="training").first.wait_for()
        two.wait_for_function(f"({story.POINTS})() >= 2")
        two.locator(".dss-stop:visible").click()
        for page in (one, two):
            page.locator(".dss-run-state:visible", has_text="stopped").first.wait_for()

        two.locator(".dss-step-2").click()
        assert two.locator(".dss-field-batch_size input").input_value() == "7"
        assert one.locator(".dss-field-epochs input").input_value() == str(EPOCHS)

    runs = list(save_folder.glob("*.run"))
    assert len(runs) == 1
    used = Run(runs[0]).options()
    assert (used.epochs, used.filters, used.learning_rate) == (EPOCHS, 4, 0.0001)
    assert used.batch_size != 7

    with visitor() as later:  # what was used comes back
        later.goto(link)
        later.locator(".dss-training-panel .dss-start:not([disabled])").wait_for()
        assert later.locator(".dss-field-epochs input").input_value() == str(EPOCHS)
        assert later.locator(".dss-field-filters input").input_value() == "4"
