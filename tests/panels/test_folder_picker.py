"""A folder is picked by going into it and taking it."""

from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import AssemblyPanel
from dss_widgets.panels.forms.folder_listing import look_into
from dss_widgets.panels.forms.folder_picker import FolderField, FolderPicker


def entries(picker):
    return {button.description: button for button in picker._entries.children}


def test_it_shows_what_every_folder_holds(bird, dataset, pretend):
    pretend().end()
    shown = " ".join(entries(FolderPicker(str(bird.parent))))
    assert "bird   (3 recordings)" in shown
    assert "bird.npy   (a dataset)" in shown
    assert "bird.res   (1 run)" in shown


def test_going_into_a_folder_and_taking_it_fills_the_field(bird):
    field = FolderField(AssemblyOptions.declared()["data_folder"], str(bird.parent))
    field.toggle()
    picker = field._picker
    entries(picker)["bird   (3 recordings)"].click()
    picker._use.click()
    assert field.value == str(bird)
    assert "dss-off" in field._picker_box._dom_classes, "the browser closes"


def test_it_begins_at_the_nearest_folder_that_exists(bird):
    assert FolderPicker(str(bird / "not" / "there")).folder == bird


def test_a_folder_that_is_gone_is_told_and_the_list_stays(bird):
    picker = FolderPicker(str(bird))
    picker.go_to(bird / "gone")
    assert "cannot be listed" in picker._message.value
    assert picker.folder == bird


def test_the_same_folder_can_be_taken_twice(bird):
    picker = FolderPicker(str(bird))
    taken = []
    picker.observe(lambda change: change.new and taken.append(change.new), "chosen")
    picker._use.click()
    picker._use.click()
    assert taken == [str(bird), str(bird)]


def test_closed_entries_leave_no_widgets_behind(bird):
    picker = FolderPicker(str(bird.parent))
    before = picker._entries.children[0]
    picker.go_to(bird)
    assert before.comm is None


def test_a_folder_that_cannot_be_read_holds_nothing(tmp_path):
    assert str(look_into(tmp_path / "gone")) == ""


def test_picking_a_place_for_a_new_dataset_names_it_after_the_recordings(bird):
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    field = panel.form.fields["store_folder"]
    field.toggle()
    field._picker.go_to(bird.parent)
    field._picker._use.click()
    assert panel.options.store_folder == str(bird.parent / "bird.npy")
