"""From a folder to a dataset, without a browser: fill in, look, assemble, cancel."""

import asyncio

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import AssemblyPanel
from dss_widgets.panels.assembly.folder_contents import as_csv


@pytest.fixture
def panel(bird):
    return AssemblyPanel(AssemblyOptions(data_folder=str(bird)))


@pytest.fixture
def finish(wait_for):
    return lambda panel: wait_for(lambda: not panel.tick())


def test_it_says_what_was_found(panel):
    assert "3 recordings, 12.0 s in all" in panel.contents.words.value
    assert "bird-A_01.wav" in panel.contents.words.value
    assert "segment" in panel.contents.words.value


def test_without_a_folder_it_says_what_to_do_first():
    panel = AssemblyPanel()
    assert "No folder yet" in panel.contents.words.value
    assert panel.start.disabled
    assert any("Recordings" in reason for reason in panel.blockers)


def test_what_is_wrong_in_the_folder_is_told_with_file_and_row_and_stops_assembling(bird):
    file = bird / "bird-A_01_annotations.csv"
    file.unlink()
    file.write_text("name,start_seconds,stop_seconds\na,1.0,0.5\n")
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    assert "bird-A_01_annotations.csv, row 2" in panel.contents.words.value
    assert "before it starts" in panel.contents.words.value
    assert panel.start.disabled
    assert panel.blockers == ("1 error in the recordings: see 'In this folder'.",)


def test_a_group_table_that_is_not_there_is_told_under_its_field_and_as_the_reason(panel, tmp_path):
    panel.options.group, panel.options.group_table = "bird", str(tmp_path / "nowhere.csv")
    assert any(p.field == "group_table" and "cannot be read" in p.message for p in panel.form.errors)
    assert any("Group table" in reason and "nowhere.csv: cannot be read" in reason for reason in panel.blockers)
    assert "nowhere.csv" not in panel.contents.words.value
    panel.options.group = panel.options.group_table = ""
    assert not panel.blockers


def test_reading_the_folder_again_finds_what_was_mended(bird):
    file = bird / "bird-A_01_annotations.csv"
    text = file.read_text()
    file.unlink()
    file.write_text("name,start_seconds\n")
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    assert panel.blockers
    file.write_text(text)
    panel.contents.reload.click()
    assert not panel.blockers


def test_assembling_writes_what_the_preview_shows(panel, finish):
    plan = panel.planner.plan
    panel.start.click()
    assert panel.assembling
    finish(panel)
    dataset = open_dataset(panel.dataset)
    assert {name: split.n_samples for name, split in dataset.splits.items()} == plan.split_samples
    assert dataset.attrs["options"]["seed"] == plan.options.seed
    assert "Assembled" in panel._progress.value
    panel.options.store_folder = str(panel.options.store_path.with_name("other.npy"))
    assert panel._progress.value == "", "it was about another dataset"


def test_it_says_that_a_dataset_is_there_and_replaces_it_only_when_told(panel, finish):
    panel.assemble()
    finish(panel)
    assert panel.start.disabled
    assert "exists already" in panel.blockers[0]
    assert "Before you can start" not in panel._reasons.value, "nothing is wrong: it was just assembled"
    assert "To assemble again, tick" in panel._reasons.value
    panel.options.gap_seconds = 0.002
    panel.overwrite.value = True
    assert not panel.start.disabled
    panel.assemble()
    finish(panel)
    assert "Assembled" in panel._progress.value


def test_the_plan_follows_every_option_that_matters(panel):
    before = panel.planner.plan
    panel.form.fields["train_fraction"].widget.value = "0.5"
    assert panel.planner.plan.split_samples["train"] < before.split_samples["train"]
    assert "left out" in panel.preview._legend.value


def test_changing_an_option_does_not_deal_the_splits_anew(panel):
    before = panel.planner.plan
    panel.form.fields["gap_seconds"].widget.value = "1"
    assert panel.planner.plan.stretches == before.stretches
    panel.form.fields["store_format"].widget.value = "float32"
    assert panel.planner.plan.stretches == before.stretches
    assert panel.planner.plan.options.store_format == "float32"


def test_drawing_again_deals_other_splits_unless_there_is_a_seed(panel):
    seeds = {panel.planner.plan.options.seed}
    panel.preview.again.click()
    seeds.add(panel.planner.plan.options.seed)
    assert len(seeds) == 2
    panel.form.fields["seed"].widget.value = "5"
    panel.preview.again.click()
    assert panel.planner.plan.options.seed == 5


def test_while_something_is_unreadable_nothing_can_be_assembled_and_the_last_preview_stays_marked(panel):
    panel.form.fields["test_fraction"].widget.value = "a fifth"
    assert panel.start.disabled
    panel.form.fields["test_fraction"].widget.value = "0.9"
    assert panel.planner.plan is None
    assert panel.preview.outdated
    assert "before the last change" in panel.preview._problems.value


def test_cancelling_leaves_nothing_behind(panel, bird, finish):
    panel.assemble()
    assert "Starting" in panel._progress.value
    panel.cancel.click()
    finish(panel)
    assert "Cancelled. Nothing was written." in panel._progress.value
    assert not bird.with_name("bird.npy").exists()
    assert not panel.assembling


def test_a_failure_is_told_in_the_form_and_can_be_mended(panel, bird, finish):
    bird.with_name("bird.npy").write_text("a file, no dataset")
    panel.assemble()
    finish(panel)
    assert "is no dataset" in panel._progress.value
    assert not panel.start.disabled


def test_the_kernel_answers_while_a_folder_is_read_and_a_dataset_written(bird, until, wait_for):
    async def in_a_kernel():
        panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
        assert panel.planner.reading
        beats = await until(lambda: panel.planner.plan is not None)
        panel.assemble()
        return panel, beats + await until(lambda: not panel.assembling)

    panel, beats = asyncio.run(asyncio.wait_for(in_a_kernel(), 60))
    assert panel.dataset
    assert beats > 3


def test_after_fast_typing_the_preview_shows_the_last_text(bird, until, wait_for):
    async def typing():
        panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
        await until(lambda: panel.planner.plan is not None)
        for text in ("0.1", "0.2", "0.3", "0.35"):
            panel.form.fields["train_fraction"].widget.value = text
        await until(lambda: panel.planner.plan and panel.planner.plan.options.train_fraction == 0.35)
        return panel.preview.plan.options.train_fraction

    assert asyncio.run(asyncio.wait_for(typing(), 60)) == 0.35


def test_assembling_the_same_again_says_that_nothing_has_changed(panel, finish):
    panel.assemble()
    finish(panel)
    panel.overwrite.value = True
    panel.assemble()
    finish(panel)
    assert "Nothing has changed" in panel._progress.value


class TestSongTypes:
    def test_every_song_type_has_a_row_to_tick_and_rename(self, panel):
        assert list(panel.song_types.rows) == [song_type.name for song_type in panel.planner.survey.song_types]

    def test_the_same_new_name_makes_one_type_of_two(self, panel):
        for name in ("a", "b"):
            panel.song_types.rows[name].rename.value = "motif"
        assert panel.options.song_type_names == {"a": "motif", "b": "motif"}
        assert "motif (from a and b)" in panel.song_types._told.value
        assert "motif" in panel.planner.plan.class_names
        assert panel.form.fields["song_type_names"].widget.value == "a=motif, b=motif"

    def test_one_that_is_not_ticked_is_left_out(self, panel):
        panel.song_types.rows["a"].use.value = False
        assert panel.options.song_type_names == {"a": ""}
        assert "a" not in panel.planner.plan.class_names
        assert panel.song_types.rows["a"].rename.disabled
        assert "Left out, as noise: a" in panel.song_types._told.value
        panel.song_types.rows["a"].use.value = True
        assert panel.options.song_type_names == {}

    def test_rows_follow_the_text_field(self, panel):
        panel.form.fields["song_type_names"].widget.value = "a=x, b="
        assert panel.song_types.rows["a"].rename.value == "x"
        assert not panel.song_types.rows["b"].use.value

    def test_the_preview_stays_while_the_folder_does(self, panel):
        panel.song_types.rows["a"].rename.value = "x"
        panel.options.train_fraction = 0.9
        assert "dss-off" not in panel.preview._body._dom_classes


class TestBadRows:
    @pytest.fixture
    def panel(self, bird):
        file = bird / "bird-A_01_annotations.csv"
        text = file.read_text()
        file.unlink()
        file.write_text(text + "a,1.0,0.5\n")
        return AssemblyPanel(AssemblyOptions(data_folder=str(bird)))

    def test_they_stop_assembling_until_they_are_left_out(self, panel):
        assert panel.start.disabled
        assert panel.contents.leave_out.description == "Leave out 1 invalid annotation"
        panel.contents.leave_out.click()
        assert panel.options.leave_out_bad_rows
        assert not panel.blockers
        assert "It will be left out." in panel.contents.words.value
        assert "dss-off" in panel.contents.leave_out._dom_classes

    def test_problems_are_downloaded_as_a_table(self, panel):
        assert panel.contents._download.file == "problems.csv"
        assert panel.contents._download.value
        assert as_csv(panel.contents.problems()).splitlines()[1].startswith("error,bird-A_01_annotations.csv,")


def test_the_audio_is_read_through_when_asked_and_what_is_odd_stands_in_the_list(bird):
    soundfile.write(bird / "silent.wav", np.zeros(3200), 32_000)
    (bird / "silent_annotations.csv").write_text("name,start_seconds,stop_seconds\na,0.01,0.02\n")
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    assert "silent from beginning" not in panel.contents.words.value
    panel.contents.check.click()
    panel.contents.job.wait(60)
    panel.contents.tick()
    assert "is silent from beginning to end" in panel.contents.words.value
    assert "1 thing found in the audio" in panel.contents._progress.value
    assert panel.contents.check.description == "Check the audio"


def renamed(folder, name, by):
    """Copy recordings and annotations under other names."""
    other = folder.with_name(name)
    other.mkdir()
    for file in folder.iterdir():
        (other / by(file.name)).write_bytes(file.read_bytes())
    return other


def test_what_was_said_of_other_recordings_stays_with_them(bird):
    finch = renamed(bird, "finch", lambda name: name)
    panel = AssemblyPanel(str(bird))
    panel.options.update({"group": "^(bird-.)", "only_song_types": ["a"], "train_fraction": 0.5})
    panel.options.data_folder = str(finch)
    assert (panel.options.group, panel.options.only_song_types) == ("", [])
    assert panel.options.train_fraction == 0.5, "how one likes to split is no matter of the recordings"


def test_what_is_set_together_with_another_folder_is_of_that_folder(bird):
    finch = renamed(bird, "finch", lambda name: name)
    panel = AssemblyPanel(str(bird))
    panel.options.group = "^(bird)"
    panel.options.update({"data_folder": str(finch), "group": "^(bird-.)"})
    assert panel.options.group == "^(bird-.)"


def test_a_folder_that_is_half_typed_takes_nothing_back(bird):
    panel = AssemblyPanel(str(bird))
    panel.options.group = "^(bird-.)"
    panel.options.data_folder = str(bird) + "x"
    panel.options.data_folder = str(bird)
    assert panel.options.group == "^(bird-.)"


def test_the_animals_that_were_found_are_offered_to_be_kept_together(bird):
    panel = AssemblyPanel(str(bird))
    field = panel.form.fields["keep_individuals_together"]
    assert not field.disabled
    assert "2 animals: bird-A and bird-B" in field.note.value
    assert panel.form.fields["group"] not in panel.form.sections["Splits"].children[1].children, "a pattern is the advanced way"
    field.widget.value = True
    assert panel.form.fields["test_split"].disabled
    assert panel.planner.plan.individuals_of("train").isdisjoint(panel.planner.plan.individuals_of("test"))
    assert "Keeps 2 animals whole" in field.note.value


def test_where_names_do_not_tell_the_animals_nothing_is_offered(bird):
    panel = AssemblyPanel(str(renamed(bird, "x", lambda name: name.replace("bird-A_", "rec").replace("bird-B_", "rec1"))))
    field = panel.form.fields["keep_individuals_together"]
    assert field.disabled
    assert "do not show it" in field.note.value


def test_a_wrong_folder_dims_what_stood_there_before(bird):
    panel = AssemblyPanel(str(bird))
    assert "dss-dimmed" not in panel.contents.words.value
    panel.options.data_folder = str(bird) + "x"
    assert "dss-dimmed" in panel.contents.words.value
    assert panel.preview.outdated
    panel.options.data_folder = str(bird)
    assert "dss-dimmed" not in panel.contents.words.value
    assert not panel.preview.outdated


def test_outside_of_the_roots_is_told_with_how_to_allow_it(bird, monkeypatch, tmp_path):
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    panel = AssemblyPanel()
    panel.options.data_folder = str(bird)
    assert any("start the server with --root" in reason for reason in panel.blockers)


def test_a_recording_that_cannot_be_read_says_so_in_its_place(bird, monkeypatch):
    panel = AssemblyPanel(str(bird))
    close_up = panel.preview.close_up
    close_up.toggle()
    view, told = close_up.view, []
    monkeypatch.setattr(type(view), "send", lambda _, content, *_buffers: told.append(content))
    (bird / close_up.recording.value).write_bytes(b"no sound")
    ask = {"kind": "tiles", "number": view._shown["number"], "page": "p", "seen": 1, "wanted": [["wave", 0, 0, 0, 0]]}
    view._handle_custom_msg(ask, [])
    assert close_up.recording.value in told[0]["fault"]
    assert "cannot be read" in told[0]["fault"]


def test_no_tooltip_is_markup(bird):
    panel = AssemblyPanel(str(bird))
    assert all("<" not in row.use.description for row in panel.song_types.rows.values())


def test_assembling_that_goes_on_is_found_again_when_the_page_is_opened_anew(bird, pretended_jobs):
    panel = AssemblyPanel(str(bird))
    panel.assemble()
    assert panel.assembling
    later = AssemblyPanel(str(bird))
    assert later.assembling
    assert later.start.disabled
    assert "dss-off" not in later.cancel._dom_classes
    later.cancel.click()
    assert pretended_jobs[-1].is_asked_to_stop
