"""Thresholds on the terminal: chosen on validation data, shown on test data, kept for annotating."""

import json

import pytest

from dss_widgets.cli import main
from dss_widgets.options import PredictionOptions
from dss_widgets.results import LabellingRules, read_params

from ..known_thresholds import TUNED, write_network


@pytest.fixture
def stem(tmp_path):
    return write_network(tmp_path / "20260101_000000")


def told(capsys, *arguments):
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def rules(stem, **typed):
    return LabellingRules.of(PredictionOptions(**typed), read_params(stem))


def test_it_tells_those_in_use_and_what_they_do_on_validation_and_test(stem, capsys):
    assert main(["thresholds", str(stem)]) == 0
    out = capsys.readouterr().out
    assert "events 0.6, segments 0.5 (in use: as tuned on the validation data)" in out
    assert out.index("On the validation data (choose by these)") < out.index("On the test data (for an honest look)")


def test_what_one_prefers_is_chosen_on_validation_and_only_kept_when_asked(stem, capsys):
    few_misses, few_alarms = (told(capsys, "thresholds", stem, "--prefer", p) for p in ("recall", "precision"))
    assert few_misses["thresholds"]["events"] < 0.4
    assert few_alarms["thresholds"]["events"] >= 0.7
    assert few_misses["effects"]["validation"]["events"]["pulse"]["misses"] == 3
    assert few_misses["effects"]["test"]["events"]["pulse"]["misses"] == 4
    assert rules(stem).event_threshold == TUNED["event_thres"]


def test_what_is_kept_is_taken_for_annotating_unless_others_are_typed_and_das_keeps_its_own(stem, capsys):
    chosen = told(capsys, "thresholds", stem, "--prefer", "recall", "--save")["thresholds"]
    assert (rules(stem).event_threshold, rules(stem).segment_threshold) == (chosen["events"], chosen["segments"])
    assert rules(stem, event_threshold=0.3).event_threshold == 0.3
    assert read_params(stem)["post_opt"] == TUNED
    assert main(["thresholds", str(stem)]) == 0
    assert "in use: fewest misses" in capsys.readouterr().out
    told(capsys, "thresholds", stem, "--reset")
    assert rules(stem).event_threshold == TUNED["event_thres"]


def test_one_typed_leaves_the_other_as_it_was(stem, capsys):
    told(capsys, "thresholds", stem, "--segment", "0.85", "--save")
    assert (rules(stem).event_threshold, rules(stem).segment_threshold) == (0.6, 0.85)
    told(capsys, "thresholds", stem, "--event", "0.2", "--save")
    assert (rules(stem).event_threshold, rules(stem).segment_threshold) == (0.2, 0.85)


def test_a_network_of_das_stays_one(tmp_path, capsys):
    stem = write_network(tmp_path / "1", own=False)
    told(capsys, "thresholds", stem, "--event", "0.2", "--save")
    assert "dss_widgets" not in read_params(stem), "it would count as made here, and its files as safe"
    assert rules(stem).event_threshold == 0.2


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--event", "0.333"], "steps of 0.01"), (["--event", "1"], "0.01 to 0.99"), (["--save"], "--prefer"),
        (["--prefer", "f1", "--event", "0.5"], "Leave it out"), (["--reset", "--save"], "nothing to choose"),
    ],
)  # fmt: skip
def test_flags_that_cannot_be_meant_are_refused(stem, capsys, flags, words):
    assert main(["thresholds", str(stem), *flags]) == 1
    assert words in capsys.readouterr().err


def test_without_validation_data_nothing_is_chosen_on_test_data(tmp_path, capsys):
    stem = write_network(tmp_path / "1", validation=False)
    assert main(["thresholds", str(stem), "--prefer", "f1"]) == 1
    assert "evaluate" in capsys.readouterr().err
    assert list(told(capsys, "thresholds", stem)["effects"]) == ["test"]


def test_a_damaged_file_is_told_with_its_mend(stem, capsys):
    path = stem.with_name(f"{stem.name}_validation.json")
    path.write_text(path.read_text().replace('"annotated": 100', '"annotated": -1'))
    assert main(["thresholds", str(stem)]) == 1
    assert "_validation.json" in (err := capsys.readouterr().err)
    assert "--tune" in err
