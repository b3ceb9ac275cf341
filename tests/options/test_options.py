"""Options: each is declared once, with all that a form, a flag, a file and DAS need to know of it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.errors import DataError, OptionsError
from dss_widgets.options import PRESETS, AssemblyOptions, PredictionOptions, TrainingOptions, load_options, save_options
from dss_widgets.options.cost import DataShape, memory_bytes
from dss_widgets.options.das_names import from_das, to_das
from dss_widgets.options.files import options_as_yaml

KINDS = [AssemblyOptions, TrainingOptions, PredictionOptions]
EVERY_OPTION = [(kind, name) for kind in KINDS for name in kind.declared()]

ASSEMBLY_DIALOG = {
    "data_folder": "Recordings", "store_folder": "Dataset",
    "individual_targets": "Make individual training targets", "event_width_seconds": "Width of events",
    "gap_seconds": "Gap between segments", "train_split": "Train split by", "val_split": "Validation split by",
    "test_split": "Test split by", "train_fraction": "Train fraction", "val_fraction": "Validation fraction",
    "test_fraction": "Test fraction", "stratify": "Stratify", "group": "Group",
    "keep_individuals_together": "Keep each animal in one split", "guard_seconds": "Guard between splits",
    "seed": "Seed", "onset_offset_targets": "On- and offset targets", "annotations_as_csv": "Annotations as csv",
    "store_format": "Store format",
}  # fmt: skip

TRAINING_DIALOG = {
    "store_folder": ("Dataset", "data_dir"), "save_folder": ("Results", "save_dir"),
    "prefix": ("Prefix for saved files", "save_prefix"), "song_type": ("Song type", "y_suffix"),
    "data_fraction": ("Data fraction", "fraction_data"), "seed": ("Seed", "seed"),
    "frontend": ("Downsampling frontend", ""), "frontend_filter_duration": ("Filter duration (frontend)", "pre_nb_dft"),
    "downsample_factor": ("Downsample factor", "nb_pre_conv"), "chunk_duration": ("Chunk duration", "nb_hist"),
    "ignore_boundaries": ("Ignore boundaries", "ignore_boundaries"), "filters": ("Number of filters", "nb_filters"),
    "filter_duration": ("Filter duration", "kernel_size"), "blocks": ("Number of TCN blocks", "nb_conv"),
    "separable": ("Separable TCN blocks", "use_separable"), "lstm_units": ("LSTM units", "nb_lstm_units"),
    "batch_size": ("Batch size", "batch_size"), "balance_classes": ("Balance classes", "balance"),
    "learning_rate": ("Learning rate", "learning_rate"), "reduce_learning_rate": ("Reduce learning rate", "reduce_lr"),
    "reduce_learning_rate_patience": ("Reduce learning rate patience", "reduce_lr_patience"),
    "epochs": ("Number of epochs", "nb_epoch"), "tensorboard": ("Create tensorboard logs", "tensorboard"),
    "augmentations": ("Augmentation", "augmentations"),
}  # fmt: skip


# --- declarations


@pytest.mark.parametrize(("name", "label"), ASSEMBLY_DIALOG.items())
def test_every_option_of_the_assembly_dialog_is_declared(name, label):
    assert AssemblyOptions.declared()[name].label == label


@pytest.mark.parametrize(("name", "expected"), TRAINING_DIALOG.items())
def test_every_option_of_the_training_dialog_is_declared_with_its_das_name(name, expected):
    option = TrainingOptions.declared()[name]
    assert (option.label, option.das) == expected


@pytest.mark.parametrize(("kind", "name"), EVERY_OPTION)
def test_every_option_has_label_help_and_group(kind, name):
    option = kind.declared()[name]
    assert option.label[0].isupper()
    assert option.help.endswith((".", ")"))
    assert option.group


@pytest.mark.parametrize("name", [name for name in AssemblyOptions.declared() if name.endswith("_seconds")])
def test_options_in_seconds_have_that_unit(name):
    assert AssemblyOptions.declared()[name].unit == "s"


@pytest.mark.parametrize(("kind", "name"), EVERY_OPTION)
def test_every_default_is_a_value_the_option_can_have_and_survives_as_text(kind, name):
    option = kind.declared()[name]
    assert option.check(option.default) is None
    assert option.parse(option.format(option.default)) == option.default


def test_the_defaults_of_assembling_are_those_of_the_dialog():
    options = AssemblyOptions()
    assert (options.event_width_seconds, options.gap_seconds) == (0.0016, 0)
    assert (options.train_fraction, options.val_fraction, options.test_fraction) == (0.6, 0.2, 0.2)
    assert {options.train_split, options.val_split, options.test_split} == {"samples"}
    assert (options.stratify, options.group, options.guard_seconds, options.seed) == ("no", "", 0, None)
    assert (options.individual_targets, options.onset_offset_targets, options.annotations_as_csv) == (False, False, True)
    assert options.store_format == "float16"


def test_there_is_a_preset_for_every_published_species_and_for_little_machines():
    species = {"fly", "fly-multichannel", "mouse", "marmoset", "bengalese-finch", "zebra-finch"}
    assert species | {"quick", "small-laptop", "das"} == set(PRESETS)


def test_a_small_laptop_gets_a_network_that_fits_into_a_gigabyte():
    options = TrainingOptions(**PRESETS["small-laptop"].options)
    assert memory_bytes(options, options.batch_size, DataShape(1, 10)) < 1e9


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_set_of_options_without_contradictions(preset):
    options = TrainingOptions(**PRESETS[preset].options)
    assert [p for p in options.problems() if p.is_error and p.field != "store_folder"] == []


def test_presets_set_the_same_options_so_that_nothing_of_another_preset_is_left():
    assert len({frozenset(preset.options) for preset in PRESETS.values()}) == 1
    options = TrainingOptions(**PRESETS["fly"].options)
    assert options.learning_rate < TrainingOptions(**PRESETS["mouse"].options).learning_rate, "without a spectrogram"


def test_variations_that_a_spectrogram_does_not_hear_are_told():
    def told(**values):
        return [
            str(problem)
            for problem in TrainingOptions(store_folder="a.npy", **values).problems()
            if "change nothing" in str(problem)
        ]

    (words,) = told(augmentations=["gain", "noise", "polarity"])
    assert "gain and polarity change nothing" in words
    assert told(augmentations=["noise", "time_shift"]) == []
    assert told(augmentations=["gain"], frontend="none") == []


# --- bad values


@pytest.mark.parametrize(
    ("kind", "name", "value", "message"),
    [
        (AssemblyOptions, "train_fraction", 1.5, "must lie between 0 and 1, not 1.5."),
        (AssemblyOptions, "train_fraction", float("nan"), "must be a finite number, not nan."),
        (AssemblyOptions, "gap_seconds", -1, "must lie between 0 and 10 s, not -1."),
        (AssemblyOptions, "gap_seconds", "wide", "must be a number, not 'wide'."),
        (AssemblyOptions, "gap_seconds", True, "must be a number, not True."),
        (AssemblyOptions, "stratify", "three", "must be one of no, two-parts, blocks, not 'three'."),
        (AssemblyOptions, "individual_targets", "yes", "must be true or false, not 'yes'."),
        (AssemblyOptions, "train_fraction", None, "needs a value."),
        (AssemblyOptions, "only_song_types", [1], "must be a list of names (numbers in quotes), not [1]."),
        (AssemblyOptions, "song_type_names", {1: "a"}, "must be names and their new names (numbers in quotes), not {1: 'a'}."),
        (AssemblyOptions, "seed", 10**400, "must lie between 0 and 4.29497e+09, not a number of hundreds of digits."),
        (TrainingOptions, "chunk_duration", 0, "must lie between 2 and 1.67772e+07 samples, not 0."),
        (TrainingOptions, "epochs", 2.5, "must be a whole number, not 2.5."),
        (TrainingOptions, "separable", [1, "x"], "must be a list of true and false, not [1, 'x']."),
    ],
)
def test_a_bad_value_names_the_field_and_its_bounds_however_it_is_set(kind, name, value, message):
    options = kind()
    before = options.as_dict()
    for attempt in (
        lambda: kind(**{name: value}),
        lambda: setattr(options, name, value),
        lambda: options.update({name: value}),
        lambda: kind.from_dict({name: value}),
    ):
        with pytest.raises(OptionsError) as error:
            attempt()
        assert str(error.value.problems[0]) == f"{name}: {message}"
    assert options.as_dict() == before


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(OptionsError, match=r"gap_second: is not an option\. Did you mean 'gap_seconds'\?"):
        AssemblyOptions(gap_second=1)


def test_an_update_is_made_whole_or_not_at_all():
    options = AssemblyOptions()
    with pytest.raises(OptionsError):
        options.update({"gap_seconds": 0.5, "train_fraction": 7})
    assert options.gap_seconds == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"train_fraction": 0.9}, "train_fraction"),
        ({"train_fraction": 0.0}, "train_fraction"),
        ({"group": "("}, "group"),
        ({"group_table": "t.csv"}, "group"),
        ({"store_folder": "name"}, "store_folder"),
        ({"song_type_names": {"a": "noise"}}, "song_type_names"),
        ({"only_song_types": ["noise"]}, "only_song_types"),
    ],
)
def test_rules_between_options_name_their_field(tmp_path, values, field):
    options = AssemblyOptions(data_folder=str(tmp_path), **values)
    assert field in [problem.field for problem in options.problems() if problem.is_error]
    with pytest.raises(OptionsError):
        options.check()


def test_fractions_that_add_up_to_one_but_for_rounding_are_no_problem(tmp_path):
    options = AssemblyOptions(data_folder=str(tmp_path), train_fraction=0.7, val_fraction=0.2, test_fraction=0.1)
    assert list(options.problems()) == []


def test_the_store_is_the_data_folders_name_with_npy(tmp_path):
    assert AssemblyOptions(data_folder=str(tmp_path / "rec[1]")).store_path == tmp_path / "rec[1].npy"


# --- values as text

name_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(name_text.filter(bool), max_size=5))
def test_lists_of_names_survive_as_text(names):
    option = AssemblyOptions.declared()["only_song_types"]
    assert option.parse(option.format(names)) == names


@given(st.dictionaries(name_text.filter(bool), name_text, max_size=5))
def test_new_names_survive_as_text(mapping):
    option = AssemblyOptions.declared()["song_type_names"]
    assert option.parse(option.format(mapping)) == mapping


@given(st.floats(0, 10))
def test_numbers_survive_as_text(number):
    option = AssemblyOptions.declared()["gap_seconds"]
    assert option.parse(option.format(number)) == number


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("song_type_names", "a=b, c = d ,e=", {"a": "b", "c": "d", "e": ""}),
        ("song_type_names", '"a,b"="c=d"', {"a,b": "c=d"}),
        ("only_song_types", "1, 01,NA", ["1", "01", "NA"]),
        ("seed", "none", None),
        ("seed", "1e3", 1000),
        ("individual_targets", "Yes", True),
        ("stratify", "two parts", "two-parts"),
    ],
)
def test_what_people_type_is_understood(name, text, value):
    assert AssemblyOptions.declared()[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("song_type_names", "a", "'a' has no '='"),
        ("song_type_names", 'a="b', "cannot be read"),
        ("only_song_types", "a=b", "has a '='"),
        ("seed", "1.5", "whole number"),
        ("seed", "inf", "whole number"),
        ("gap_seconds", "20", "between 0 and 10 s"),
        ("stratify", "so", "one of no, two-parts, blocks"),
        ("individual_targets", "perhaps", "true or false"),
    ],
)
def test_what_cannot_be_read_is_told(name, text, message):
    with pytest.raises(ValueError, match=message):
        AssemblyOptions.declared()[name].parse(text)


# --- YAML


def values_of(kind) -> st.SearchStrategy[dict]:
    """Return a strategy of values that the options of a kind can have."""
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
    strategies = {}
    for name, option in kind.declared().items():
        low, high = option.minimum, option.maximum
        found = {
            "int": st.integers(int(low or 0), int(high or 10**6)),
            "float": st.floats(low or 0.0, high or 1e6),
            "bool": st.booleans(),
            "choice": st.sampled_from(list(option.choices or [None])),
            "flags": st.lists(st.booleans(), max_size=4),
            "names": st.lists(st.sampled_from(list(option.choices)) if option.choices else text, max_size=3),
            "mapping": st.dictionaries(text, text, max_size=3),
        }.get(option.kind, text)
        strategies[name] = st.none() | found if option.optional else found
    return st.fixed_dictionaries(strategies)


@given(st.data(), st.sampled_from(KINDS))
def test_options_survive_a_yaml_file(tmp_path_factory, data, kind):
    options = kind(**data.draw(values_of(kind)))
    path = save_options(options, tmp_path_factory.mktemp("yaml") / "options.yaml")
    assert load_options(kind, path) == options


def test_a_yaml_file_says_what_each_option_is():
    text = options_as_yaml(AssemblyOptions(gap_seconds=0.002))
    assert "gap_seconds: 0.002  # Gap between segments [s]\n" in text
    assert "stratify: 'no'  # Stratify (no, two-parts, blocks)\n" in text
    assert yaml.safe_load(text)["train_fraction"] == 0.6


def test_only_what_was_changed_is_written_if_wished():
    assert options_as_yaml(AssemblyOptions(seed=3), changed_only=True).splitlines()[1:] == ["seed: 3  # Seed"]


@pytest.mark.parametrize(("text", "value"), [("1e-4", 1e-4), ("'0.5'", 0.5), ("1", 1.0)])
def test_numbers_that_yaml_takes_for_text_are_numbers(tmp_path, text, value):
    (tmp_path / "o.yaml").write_text(f"learning_rate: {text}\n")
    assert load_options(TrainingOptions, tmp_path / "o.yaml").learning_rate == value


def test_a_bad_value_in_a_file_names_file_and_field(tmp_path):
    (tmp_path / "o.yaml").write_text("gap_seconds: 99\n")
    with pytest.raises(OptionsError, match=r"o\.yaml, gap_seconds: must lie between 0 and 10 s, not 99"):
        load_options(AssemblyOptions, tmp_path / "o.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "row 1: is not a YAML file"),
        ("- a\n- b\n", "no 'name: value' lines"),
        ("a: !!python/object:x {}", "is not a YAML"),
    ],
)
def test_what_is_no_config_file_is_told(tmp_path, text, message):
    (tmp_path / "o.yaml").write_text(text)
    with pytest.raises(DataError, match=message):
        load_options(AssemblyOptions, tmp_path / "o.yaml")


def test_a_yaml_file_that_would_run_code_is_refused(tmp_path):
    (tmp_path / "o.yaml").write_text(f"seed: !!python/object/apply:os.system ['touch {tmp_path}/written']\n")
    with pytest.raises(DataError):
        load_options(AssemblyOptions, tmp_path / "o.yaml")
    assert not (tmp_path / "written").exists()


def test_a_config_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        save_options(AssemblyOptions(), tmp_path / "file" / "o.yaml")


# --- DAS's names

NOT_DAS = {name for name, option in TrainingOptions.declared().items() if not option.das} - {"frontend"}
NOT_KEPT = NOT_DAS | {"frontend", "downsample_factor", "separable", "store_folder", "save_folder"}


@given(values_of(TrainingOptions))
def test_options_survive_das_names(values):
    values["data_fraction"] = values["data_fraction"] or 1.0
    options = TrainingOptions(**values)
    again = TrainingOptions(**from_das(to_das(options)))
    for name in set(values) - NOT_KEPT:
        assert getattr(again, name) == getattr(options, name), name
    assert again.hop == options.hop
    assert again.has_frontend == options.has_frontend
    assert (again.separable or [False]) == (options.separable if any(options.separable) else [False])
    assert (again.store_path, again.save_path) == (options.store_path, options.save_path)


@pytest.mark.parametrize(("factor", "power"), [(1, 0), (2, 1), (8, 3), (64, 6), (128, 7)])
def test_the_downsample_factor_is_a_power_of_two_to_das(factor, power):
    assert to_das(TrainingOptions(downsample_factor=factor))["nb_pre_conv"] == power
    assert TrainingOptions(**from_das({"nb_pre_conv": power})).hop == factor


def test_das_parameters_are_plain_values():
    for value in to_das(TrainingOptions(separable=[True, False, False])).values():
        assert type(value) in (int, float, bool, str, list, type(None))


def test_what_is_no_option_here_is_left_out():
    assert from_das({"nb_hist": 512, "model_name": "tcn", "stride": 3}) == {"chunk_duration": 512}


def test_what_das_trained_with_is_a_fixed_learning_rate():
    assert from_das({"learning_rate": 1e-4}) == {"learning_rate": 1e-4, "learning_rate_schedule": "fixed"}
    ours = {"learning_rate": 1e-3, "dss_widgets": {"options": {"learning_rate_schedule": "cosine"}}}
    assert from_das(ours)["learning_rate_schedule"] == "cosine"


def test_events_cannot_be_kept_apart_by_more_than_they_may_be_apart():
    options = PredictionOptions(event_nearest_seconds=0.2, event_farthest_seconds=0.1)
    assert [problem.field for problem in options.problems()] == ["event_farthest_seconds"]


def test_an_augmentation_that_is_none_is_told_with_those_there_are():
    with pytest.raises(OptionsError, match=r"augmentations: can be gain, noise.*not 'reverb'"):
        TrainingOptions(augmentations=["gain", "reverb"])


def test_augmentations_are_typed_as_names():
    assert TrainingOptions.declared()["augmentations"].parse("gain, time_shift") == ["gain", "time_shift"]


def test_a_misspelt_option_is_an_error_that_names_the_nearest():
    options = TrainingOptions()
    with pytest.raises(OptionsError, match="Did you mean 'epochs'"):
        options.epohcs = 3
