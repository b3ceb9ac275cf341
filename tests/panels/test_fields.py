"""A field shows what was typed, says what is wrong with it, and never hands on what cannot be."""

import html

import pytest

from dss_widgets.options import AssemblyOptions, PredictionOptions, TrainingOptions
from dss_widgets.panels.forms.fields import BoolField, ChoiceField, FlagsField, TextField, make_field, range_words
from dss_widgets.panels.forms.folder_picker import FolderField

ASSEMBLY, TRAINING = AssemblyOptions.declared(), TrainingOptions.declared()


def typed(option, value, text):
    field = make_field(option, value)
    field.widget.value = text
    return field


def test_a_number_that_is_typed_becomes_the_value():
    assert typed(ASSEMBLY["guard_seconds"], 0.0, "0.002").value == 0.002


@pytest.mark.parametrize(("text", "seconds"), [("2", 0.002), ("1.6", 0.0016), ("0", 0.0), ("0.05", 0.00005), ("1,6", 0.0016)])
def test_times_of_song_are_in_milliseconds_in_their_field_and_in_seconds_in_the_options(text, seconds):
    field = typed(ASSEMBLY["event_width_seconds"], 0.1, text)
    assert field.value == seconds
    again = make_field(ASSEMBLY["event_width_seconds"], seconds)
    assert again.value == seconds
    assert "0 to 1000 ms" in make_field(ASSEMBLY["event_width_seconds"], 0.0016).widget.description


@pytest.mark.parametrize("name", ["event_interval_seconds", "event_farthest_seconds", "fill_gap_seconds"])
def test_siblings_have_one_unit(name):
    assert " ms" in make_field(PredictionOptions.declared()[name], None).widget.description


def test_what_a_value_means_is_told_until_something_is_wrong_with_it():
    field = typed(TRAINING["chunk_duration"], 8192, "4096")
    field.remark = "128 ms"
    assert "128 ms" in field.widget.description
    field.widget.value = "much"
    assert "128 ms" not in field.widget.description


@pytest.mark.parametrize("text", ["5.0.0", "much", "-1", "11000", "1,000", "nan", "inf", ""])
def test_a_bad_number_stays_in_the_field_and_the_value_is_as_before(text):
    field = typed(ASSEMBLY["gap_seconds"], 0.003, text)
    assert field.widget.value == text
    assert field.value == 0.003
    assert field.fault


def test_the_message_stands_under_the_field_inside_its_label_so_that_it_is_read_out():
    field = typed(ASSEMBLY["gap_seconds"], 0.0, "11000")
    assert "Must lie between 0 and 10000 ms, not 11000." in field.widget.description
    assert "dss-has-error" in field._dom_classes


def test_mending_the_text_takes_the_message_away():
    field = typed(ASSEMBLY["gap_seconds"], 0.0, "11000")
    field.widget.value = "1"
    assert not field.fault
    assert "Error" not in field.widget.description
    assert "dss-has-error" not in field._dom_classes


def test_text_that_means_the_same_stays_as_it_was_typed():
    field = typed(ASSEMBLY["train_fraction"], 0.6, "0.70")
    assert field.value == 0.7
    assert field.widget.value == "0.70"


def test_a_value_that_is_set_from_outside_is_shown():
    field = typed(ASSEMBLY["gap_seconds"], 0.0, "11000")
    field.value = 0.5
    assert field.widget.value == "500"
    assert not field.fault


def test_an_optional_number_is_empty_when_nothing_is_chosen():
    field = make_field(ASSEMBLY["seed"], None)
    assert (field.widget.value, field.widget.placeholder) == ("", "none")
    field.widget.value = "7"
    assert field.value == 7
    field.widget.value = ""
    assert field.value is None


def test_a_list_of_booleans_is_typed_as_in_das():
    field = typed(TRAINING["separable"], [], "True True False")
    assert field.value == [True, True, False]


def test_a_choice_offers_words_and_gives_values():
    field = make_field(ASSEMBLY["stratify"], "no")
    assert isinstance(field, ChoiceField)
    assert ("two parts", "two-parts") in field.widget.options
    field.widget.value = "blocks"
    assert field.value == "blocks"


def test_yes_or_no_is_a_check_box_with_its_label():
    field = make_field(ASSEMBLY["individual_targets"], False)
    assert isinstance(field, BoolField)
    assert field.widget.description == "Make individual training targets"
    field.widget.value = True
    assert field.value is True


def test_what_differs_from_the_default_is_marked_and_the_default_told():
    field = typed(ASSEMBLY["event_width_seconds"], 0.0016, "3")
    assert "changed" in field.widget.description
    assert "default 1.6 ms" in field.widget.description


@pytest.mark.parametrize("kind", [AssemblyOptions, TrainingOptions, PredictionOptions])
def test_every_option_that_is_shown_has_a_field_with_label_and_help(kind):
    options = kind()
    for name, option in kind.declared().items():
        if not option.shown:
            continue
        value = getattr(options, name)
        field = FolderField(option, value) if option.kind in ("folder", "file") else make_field(option, value)
        assert option.label in field.widget.description
        assert f"dss-field-{name}" in field._dom_classes
        about = html.unescape(field.children[1].value)
        assert "<details" in about, "it opens by click and by Enter, and not by itself"
        assert option.help[:12] in about


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gap_seconds", "0 to 10 s"),
        ("chunk_duration", "at least 2 samples"),
        ("learning_rate", "above 0, at most 10"),
        ("seed", "at least 0"),
        ("prefix", ""),
    ],
)
def test_bounds_and_unit_are_told_in_words(name, words):
    assert range_words({**TRAINING, **ASSEMBLY}[name] if name != "seed" else ASSEMBLY["seed"]) == words


def test_what_is_typed_cannot_act_as_markup():
    field = TextField(ASSEMBLY["gap_seconds"], 0.0)
    field.widget.value = "<img src=x>"
    assert "<img" not in field.widget.description
    assert "&lt;img" in field.widget.description


class TestFlags:
    @pytest.fixture
    def field(self):
        field = FlagsField(TRAINING["separable"], [])
        field.count = 3
        return field

    def test_there_is_a_box_for_each(self, field):
        assert [box.description for box in field.boxes] == ["1", "2", "3"]
        field.count = 2
        assert len(field.boxes) == 2

    def test_ticking_writes_the_text_and_typing_ticks(self, field):
        field.boxes[0].value = True
        assert field.value == [True, False, False]
        assert field.widget.value == "True False False"
        field.widget.value = "False True True"
        assert [box.value for box in field.boxes] == [False, True, True]

    def test_nothing_ticked_is_none(self, field):
        field.boxes[0].value = True
        field.boxes[0].value = False
        assert field.value == []
        assert field.widget.value == ""

    def test_ticking_mends_a_list_of_the_wrong_length(self, field):
        field.widget.value = "True"
        field.boxes[1].value = True
        assert field.value == [True, True, False]
