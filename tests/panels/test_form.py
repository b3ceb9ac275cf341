"""A form is made from declarations, and never disagrees with its options."""

import pytest

from dss_widgets.errors import Problem
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.panels.forms.form import Form


@pytest.fixture
def form(bird):
    return Form(AssemblyOptions(data_folder=str(bird)))


def test_it_has_a_section_for_every_group_and_a_field_for_every_option_shown(form):
    declared = AssemblyOptions.declared()
    assert list(form.sections) == list(dict.fromkeys(option.group for option in declared.values() if option.shown))
    assert list(form.fields) == [name for name, option in declared.items() if option.shown]


def test_what_is_typed_is_in_the_options_at_once(form):
    form.fields["val_fraction"].widget.value = "0.1"
    assert form.options.val_fraction == 0.1


def test_a_bad_value_is_a_problem_and_the_options_keep_the_last_good_one(form):
    form.fields["val_fraction"].widget.value = "much"
    assert form.options.val_fraction == 0.2
    assert [problem.field for problem in form.errors] == ["val_fraction"]


def test_a_rule_between_options_stands_under_its_field(form):
    form.fields["test_fraction"].widget.value = "0.7"
    [problem] = form.errors
    assert problem.message[1:] in form.fields[problem.field].widget.description


def test_options_that_are_set_in_python_are_shown(form):
    form.options.train_split = "files"
    form.options.gap_seconds = 0.004
    assert form.fields["train_split"].widget.value == "files"
    assert form.fields["gap_seconds"].widget.value == "4"


def test_reloading_shows_the_options_also_where_something_unreadable_was_typed():
    form = Form(TrainingOptions(store_folder="a.npy"), ["Network"])
    form.fields["filters"].widget.value = "many"
    form.options.update(PRESETS["fly"].options)
    form.reload()
    assert form.fields["filters"].widget.value == "32"
    assert not form.fields["filters"].fault


def test_a_field_without_effect_is_off_until_it_has_one(bird):
    form = Form(AssemblyOptions(data_folder=str(bird)), relevant={"block_seconds": lambda o: o.stratify == "blocks"})
    assert form.fields["block_seconds"].disabled
    form.fields["stratify"].widget.value = "blocks"
    assert not form.fields["block_seconds"].disabled


def test_problems_from_elsewhere_stand_under_their_fields_too(bird):
    odd = Problem("is odd.", "Make it even.", severity="warning", field="seed")
    form = Form(AssemblyOptions(data_folder=str(bird), seed=3), more_problems=lambda _options: [odd])
    assert "Is odd. Make it even." in form.fields["seed"].widget.description
    assert not form.errors


def test_a_required_field_that_is_still_empty_says_what_to_do_without_alarm():
    form = Form(AssemblyOptions())
    field = form.fields["data_folder"]
    assert "Choose the folder with the recordings" in field.widget.description
    assert "dss-has-error" not in field._dom_classes
    assert form.errors, "but it still stands against starting"
