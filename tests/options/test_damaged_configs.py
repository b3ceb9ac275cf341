"""Config files that hold what nobody expects: the package's own error, at once."""

import pytest

from dss_widgets.errors import DataError, OptionsError
from dss_widgets.options import AssemblyOptions, TrainingOptions, load_options
from dss_widgets.options.files import MOST_CONFIG_BYTES, load_values


def read(tmp_path, text: str | bytes):
    (tmp_path / "o.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_options(TrainingOptions, tmp_path / "o.yaml")


@pytest.mark.parametrize("value", ["{a: 1}", "[1, 2]", "[[]]", "{}", "3", "null", "2001-01-01"])
@pytest.mark.parametrize("name", ["frontend", "downsample_factor", "learning_rate_schedule"])
def test_a_choice_that_is_none_of_the_choices_is_told(tmp_path, name, value):
    with pytest.raises(OptionsError, match=name):
        read(tmp_path, f"{name}: {value}")


@pytest.mark.parametrize("name", ["epochs", "learning_rate", "separable", "augmentations", "prefix", "balance_classes"])
@pytest.mark.parametrize("value", ["{a: 1}", "{[a]: b}", "0x" + "f" * 5000, ".nan", "!!binary /w==", "!!set {a, b}"])
def test_values_of_other_kinds_are_told(tmp_path, name, value):
    with pytest.raises((OptionsError, DataError)) as told:
        read(tmp_path, f"{name}: {value}")
    assert len(str(told.value)) < 1000


@pytest.mark.parametrize("text", [r'"a\0b"', r'"\ud800"', "a" * 256, "a/" + "é" * 200 + "/b"])
def test_what_can_name_no_folder_is_told(tmp_path, text):
    with pytest.raises(OptionsError, match=r"save_folder: (holds|names)"):
        read(tmp_path, f"save_folder: {text}")


@pytest.mark.parametrize(
    "text",
    [
        "epochs: 2001-13-45",
        "epochs: 9" + "9" * 5000,
        "a: " + "[" * 5000,
        "a: " + "{a: " * 3000,
        b"a: \xff\xfe",
        "a: \x00",
        "? [a]\n: b",
        "!!binary =: 1",
        "a: !!float x",
        "a: !!timestamp x",
        "<<: 3",
        "a: 0b",
        "a: 190:20:30:99999999999999999999999",
    ],
)
def test_yaml_that_is_broken_in_odd_ways_is_told(tmp_path, text):
    with pytest.raises((OptionsError, DataError), match=r"o\.yaml"):
        read(tmp_path, text)


def test_values_that_name_each_other_without_end_are_refused(tmp_path):
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]" for i in range(20)]
    with pytest.raises(DataError, match=r"row 2: .*a reference"):
        read(tmp_path, "\n".join(lines))


def test_a_file_that_is_far_too_large_is_not_read(tmp_path):
    with pytest.raises(DataError, match="is larger than 2000 kB, so it is no config"):
        read(tmp_path, "#" * (MOST_CONFIG_BYTES + 1))


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert read(tmp_path, "\ufeffepochs: 3\n").epochs == 3


def test_only_what_a_file_names_is_returned(tmp_path):
    (tmp_path / "o.yaml").write_text("seed: 3\n")
    assert load_values(AssemblyOptions, tmp_path / "o.yaml") == {"seed": 3}


def test_a_config_outside_of_the_roots_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    (tmp_path / "o.yaml").write_text("epochs: 3\n")
    (tmp_path / "inside" / "o.yaml").symlink_to(tmp_path / "o.yaml")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "inside"))
    with pytest.raises(DataError, match="lies outside"):
        load_options(TrainingOptions, tmp_path / "inside" / "o.yaml")
