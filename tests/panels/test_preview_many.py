"""In a folder of very many recordings, every one can be reached: in one picture, by page, by name and by split."""

import re

import numpy as np
import pytest

from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import from_arrays
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import SplitPreview
from dss_widgets.panels.assembly.timeline import PAGE, split_picture, splits_of_cells, stretches_by_recording, timeline
from dss_widgets.panels.style.palette import SPLIT_COLOURS

N = 2 * PAGE + 7


def plan_of(n, seconds=4.0, **options):
    audio = np.zeros(round(seconds * 100), np.float32)
    recordings = {f"bird{i // 10}_{i:04}.wav": (audio, 100.0, [("sine", 0.5, 1.0)]) for i in range(n)}
    return plan_splits(from_arrays(recordings), AssemblyOptions(**{"store_folder": "x.npy", "seed": 1, **options}))


@pytest.fixture(scope="module")
def plan():
    return plan_of(N)


@pytest.fixture
def lanes(plan):
    return SplitPreview(plan).timeline


def drawn(lanes):
    return re.findall(r'class="dss-timeline-name" title="([^"]+)"', lanes.timeline.value)


def visible(widget):
    return "dss-off" not in widget._dom_classes


def test_page_by_page_every_recording_is_drawn_once(plan, lanes):
    seen = drawn(lanes)
    while not lanes.on.disabled:
        lanes.on.click()
        seen += drawn(lanes)
    assert seen == [entry.name for entry in plan.survey.recordings]


def test_one_can_go_back_and_to_any_page(lanes):
    lanes.pages.value = 2
    assert len(drawn(lanes)) == N - 2 * PAGE
    assert lanes.on.disabled
    lanes.back.click()
    lanes.back.click()
    assert lanes.back.disabled
    assert lanes.pages.value == 0


def test_a_recording_is_found_by_a_part_of_its_name_on_whatever_page_one_is(lanes):
    lanes.pages.value = 2
    lanes.find.value = "BIRD10_0101"
    assert drawn(lanes) == ["bird10_0101.wav"]
    assert "1 of 107 recordings" in lanes.overview.value


def test_the_recordings_of_one_split_are_shown_alone():
    plan = plan_of(N, test_split="files")
    lanes = SplitPreview(plan).timeline
    lanes.split.value = "test"
    assert set(drawn(lanes)) == set(plan.recordings_of("test"))


def test_where_nothing_is_found_it_says_so(lanes):
    lanes.find.value = "<nobody>"
    assert "No recording has “&lt;nobody&gt;” in its name." in lanes.timeline.value
    assert not visible(lanes.overview)
    lanes.find.value = ""
    assert len(drawn(lanes)) == PAGE


def test_the_page_stays_when_the_splits_are_drawn_anew(plan, lanes):
    lanes.pages.value = 1
    before = drawn(lanes)
    lanes.plan = plan_of(N, seed=2)
    assert drawn(lanes) == before
    lanes.plan = plan_of(PAGE + 1)
    assert drawn(lanes) == [f"bird{PAGE // 10}_{PAGE:04}.wav"], "the last page there is"


def test_few_recordings_have_nothing_to_page_through(plan):
    preview = SplitPreview(plan)
    preview.timeline.find.value = "bird1"
    preview.plan = plan_of(PAGE)
    assert not visible(preview.timeline.controls)
    assert not visible(preview.timeline.overview)
    assert len(drawn(preview.timeline)) == PAGE, "also where one was looking for something before"


def test_the_picture_has_a_column_a_recording_in_its_splits_colours(plan):
    pixels = split_picture(plan, plan.survey.recordings, stretches_by_recording(plan))
    assert pixels.shape == (48, N, 4)
    shares = [
        float((pixels[..., :3] == np.frombuffer(bytes.fromhex(SPLIT_COLOURS[split][1:]), np.uint8)).all(axis=2).mean())
        for split in ("train", "val", "test")
    ]
    np.testing.assert_allclose(shares, [0.6, 0.2, 0.2], atol=0.02)


@pytest.mark.slow
def test_very_many_recordings_share_a_picture_no_wider_than_a_screen():
    plan = plan_of(1500, seconds=0.1)
    assert split_picture(plan, plan.survey.recordings, stretches_by_recording(plan)).shape[1] == 1200


def test_the_parts_of_a_recording_have_the_splits_that_have_their_middles(plan):
    name, stretches = next(iter(stretches_by_recording(plan).items()))
    n_samples = plan.lengths[name]
    cells = splits_of_cells(stretches, n_samples, n_samples)
    expected = np.full(n_samples, -1)
    for stretch in stretches:
        expected[stretch.start : stretch.stop] = ("train", "val", "test").index(stretch.split)
    np.testing.assert_array_equal(cells, expected)
    assert (splits_of_cells([], 10, 5) == -1).all()


def test_a_recording_in_thousands_of_blocks_is_drawn_with_few_marks():
    plan = plan_of(1, seconds=3000.0, stratify="blocks", block_seconds=1.0)
    assert len(plan.stretches) > 1000
    page = timeline(plan)
    assert len(page) < 60_000
    for split in ("train", "val", "test"):
        assert f'fill="{SPLIT_COLOURS[split]}"' in page
