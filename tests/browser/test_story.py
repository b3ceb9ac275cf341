"""The whole story in a real browser: assemble demo song, train, come back to it, stop, go on, judge, annotate, download."""

import shutil

import pytest
import story
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

EPOCHS = 5000
"""More than anybody waits for, and with so small a learning rate that no epoch is the last one: it ends when it is stopped."""


def test_from_recordings_to_annotations(visitor, tmp_path, bird_folder):
    root = tmp_path / "songs"
    shutil.copytree(bird_folder, root / "bird_song")
    with serve("serve", "dashboard", "--root", str(root), env={"XDG_STATE_HOME": str(tmp_path)}) as server:
        with visitor() as page:
            page.goto(server.link)
            story.pick_the_folder(page, "bird_song")
            story.choose_splits(page)
            story.close_up(page)
            story.assemble(page)
            assert (root / "bird_song.npy" / "attrs.npy").is_file()
            story.start_training(page, EPOCHS, "0.0001")
            story.state(page, "training")
            story.watch(page)

        with visitor() as page:  # the tab was closed; the same link finds what was going
            page.goto(server.link)
            story.state(page, rf"training.*epoch \d+ of {EPOCHS}")
            assert page.locator(".dss-field-epochs input").input_value() == str(EPOCHS)
            story.stop(page)
            (run,) = (root / "bird_song.res").glob("*.run")
            first = [event["epoch"] for event in story.events_of(run) if event["event"] == "epoch"]

            page.locator(".dss-training-panel .dss-resume:visible").click()
            story.wait_for_epoch(page, len(first) + 2)
            story.stop(page)

            rows = story.judge(page)
            for name in ("noise", "a", "b", "c", "d", "e", "f", "i"):
                assert name in rows
            assert page.get_by_text("Macro F1").first.is_visible()
            assert any(name.endswith("_model.keras") for name in story.download_the_run(page))
            assert story.predict(page)[0] == ["name", "start_seconds", "stop_seconds"]

        events = story.events_of(run)
        epochs = [event["epoch"] for event in events if event["event"] == "epoch"]
        assert len(epochs) > len(first)
        assert epochs == list(range(1, len(epochs) + 1))  # none is missing, none was trained twice
        assert events[-1]["state"] == "stopped"
        assert len(list((root / "bird_song.res").glob("*.run"))) == 1
