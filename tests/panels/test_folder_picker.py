"""A folder is picked by going into it and taking it."""

from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import AssemblyPanel
from dss_widgets.panels.forms.folder_listing import look_into
from dss_widgets.panels.forms.folder_picker import FolderField, FolderPicker

ANNOTATIONS = b"name,start_seconds,stop_seconds\na,0.1,0.2\n"


def send(upload, files):
    """Send files as the page does; returns whether all went through."""
    upload.begin([(name, len(content)) for name, content in files.items()])
    for number, content in enumerate(files.values()):
        upload._receiving.add(number, 0, content)
    upload._end(upload._receiving.finish())


def entries(picker):
    """Return what the list offers, as words."""
    return [" ".join(filter(None, words)) for words in picker.list._listed["entries"]]


def say(picker, message):
    """Send the list a message, as the page does."""
    picker.list._handle_custom_msg(message, [])


def ask(picker, number, turn=None):
    """Ask for a folder of the list, as the page does."""
    say(picker, {"turn": picker.list._turn if turn is None else turn, "open": number})


def enter(picker, name):
    """Open a folder of the list by its name."""
    ask(picker, [path.name for path, _ in picker.list.folders].index(name))


def current(picker):
    """Return the words of the entry at which the keyboard goes on."""
    listed = picker.list._listed
    return listed["entries"][listed["at"]][0] if listed["entries"] else ""


def test_it_shows_what_every_folder_holds(bird, dataset, pretend):
    pretend().end()
    shown = entries(FolderPicker(str(bird.parent)))
    assert "bird 3 recordings" in shown
    assert "bird.npy a dataset" in shown
    assert "bird.res 1 run" in shown


def test_going_into_a_folder_and_taking_it_fills_the_field(bird):
    field = FolderField(AssemblyOptions.declared()["data_folder"], str(bird.parent))
    field.toggle()
    picker = field._picker
    enter(picker, "bird")
    picker._use.click()
    assert field.value == str(bird)
    assert not field.is_open, "the browser closes"


def test_it_begins_at_the_nearest_folder_that_exists(bird):
    assert FolderPicker(str(bird / "not" / "there")).folder == bird


def test_a_folder_that_is_gone_is_told_and_the_list_stays(bird):
    gone = bird.parent / "gone"
    gone.mkdir()
    picker = FolderPicker(str(bird.parent))
    gone.rmdir()
    enter(picker, "gone")
    assert "cannot be listed" in picker._message.value
    assert picker.folder == bird.parent
    assert current(picker) == "gone"


def test_a_folder_that_cannot_be_made_is_told_with_its_place_and_a_mend(bird):
    picker = FolderPicker(str(bird))
    picker._new_name.value = "bird-A_01.wav"
    picker._new.click()
    for words in ("bird-A_01.wav", str(bird), "Choose another name"):
        assert words in picker._message.value
    assert picker.folder == bird


def test_the_same_folder_can_be_taken_twice(bird):
    picker = FolderPicker(str(bird))
    taken = []
    picker.observe(lambda change: change.new and taken.append(change.new), "chosen")
    picker._use.click()
    picker._use.click()
    assert taken == [str(bird), str(bird)]


def test_the_keyboard_goes_on_in_the_folder_that_was_entered_and_where_it_came_from(bird):
    (bird.parent / "deep" / "er").mkdir(parents=True)
    picker = FolderPicker(str(bird.parent))
    assert current(picker) == "bird"
    enter(picker, "deep")
    assert current(picker) == "er"
    enter(picker, "er")
    assert entries(picker) == []
    picker._up.click()
    picker._up.click()
    assert current(picker) == "deep"


def test_what_is_asked_of_an_older_list_opens_nothing(bird):
    (bird.parent / "deep" / "er").mkdir(parents=True)
    picker = FolderPicker(str(bird.parent))
    older = picker.list._turn
    enter(picker, "deep")
    ask(picker, 0, turn=older)
    assert picker.folder == bird.parent / "deep"


def test_the_keyboard_goes_up_as_the_button_does_and_not_out_of_the_roots(bird, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(bird.parent))
    picker = FolderPicker(str(bird))
    for _ in range(2):
        say(picker, {"turn": picker.list._turn, "up": True})
    assert picker.folder == bird.parent
    assert not picker._message.value.count("Error")


def test_escape_puts_the_list_away(bird):
    field = FolderField(AssemblyOptions.declared()["data_folder"], str(bird))
    field.toggle()
    say(field._picker, {"turn": field._picker.list._turn, "close": True})
    assert not field.is_open


def test_what_no_page_of_ours_asks_for_opens_nothing(bird):
    picker = FolderPicker(str(bird.parent))
    turn = picker.list._turn
    for message in ([], None, {}, {"turn": turn}, {"turn": turn, "open": "x"}, {"turn": turn, "open": True}):
        say(picker, message)
    for number in (-1, 1000):
        ask(picker, number)
    assert picker.folder == bird.parent


def test_names_of_folders_are_no_page(tmp_path):
    (tmp_path / "<b onclick=x>").mkdir()
    picker = FolderPicker(str(tmp_path))
    assert entries(picker) == ["<b onclick=x>"]


def test_the_folder_that_was_picked_last_is_where_the_next_choice_begins(bird):
    picker = FolderPicker(str(bird))
    picker._use.click()
    assert FolderPicker().folder == bird


def test_a_remembered_folder_that_may_no_longer_be_used_is_not_opened(bird, tmp_path, monkeypatch):
    FolderPicker(str(bird))._use.click()
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    assert FolderPicker().folder == tmp_path / "root"


def test_recordings_can_be_sent_where_recordings_are_chosen_and_nowhere_else(bird):
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    for name, offered in (("data_folder", True), ("store_folder", False)):
        panel.form.fields[name].toggle()
        assert (panel.form.fields[name]._picker.upload is not None) == offered


def test_the_folder_is_read_anew_when_files_were_sent_into_it(bird):
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    assert len(panel.planner.survey.recordings) == 3
    field = panel.form.fields["data_folder"]
    field.toggle()
    send(field._picker.upload, {"new.wav": next(bird.glob("*.wav")).read_bytes(), "new_annotations.csv": ANNOTATIONS})
    assert "4 recordings" in field._picker._here.value
    field._picker._use.click()
    assert panel.options.data_folder == str(bird)
    assert len(panel.planner.survey.recordings) == 4


def test_a_folder_that_cannot_be_read_holds_nothing(tmp_path):
    assert str(look_into(tmp_path / "gone")) == ""


def test_picking_a_place_for_a_new_dataset_names_it_after_the_recordings(bird):
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    field = panel.form.fields["store_folder"]
    field.toggle()
    field._picker.go_to(bird.parent)
    field._picker._use.click()
    assert panel.options.store_folder == str(bird.parent / "bird.npy")
