"""What each round of correcting brought, on the terminal."""

import json

import pytest

from dss_widgets.cli import learning, main
from dss_widgets.results.rounds import Round, write_rounds

FIRST = Round(0, "20260101_000000", "bird.npy", "t", scores={"macro_f1": 0.5, "segment_f1": 0.25})
SECOND = Round(
    1, "20260102_000000", "bird_round1.npy", "t", 1.5, 0.5, 40, 12, "weights", {"weights": 0.1, "anew": 0.2}, {"macro_f1": 0.75}
)


@pytest.fixture
def stem(tmp_path):
    write_rounds(tmp_path / "20260102_000000", [FIRST, SECOND])
    return tmp_path / "20260102_000000"


def test_a_row_a_round(stem, capsys):
    assert main(["rounds", str(stem)]) == 0
    header, _, first, second = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "round"
    assert header.endswith("macro F1  segment F1")
    assert first.split() == ["0", "20260101_000000", "-", "-", "-", "-", "-", "0.500", "0.250"]
    assert second.split() == ["1", "20260102_000000", "1.500", "0.500", "40", "12", "from", "its", "weights", "0.750", "-"]


def test_scores_on_other_test_data_are_marked(stem, capsys):
    write_rounds(stem, [FIRST, Round(**{**SECOND.as_dict(), "test": "u"})])
    main(["rounds", str(stem)])
    assert capsys.readouterr().out.splitlines()[-1].endswith("other test data")


def test_as_json_and_where_nothing_was_corrected(stem, tmp_path, capsys):
    assert main(["rounds", str(stem), "--json"]) == 0
    assert [row["number"] for row in json.loads(capsys.readouterr().out)] == [0, 1]
    assert main(["rounds", str(tmp_path / "other")]) == 0
    assert "learn-on" in capsys.readouterr().out


@pytest.mark.parametrize(("flag", "start"), [("--from-weights", "weights"), ("--anew", "anew"), (None, "better")])
def test_where_learning_on_starts_is_chosen_by_a_flag(monkeypatch, flag, start):
    started = []
    monkeypatch.setattr(learning, "begin", lambda kind, options, *_, **__: started.append((kind, options)) or 0)
    assert main(["learn-on", "net", "corrected", *([flag] if flag else []), "--epochs", "3"]) == 0
    [(kind, options)] = started
    assert (kind, options.network, options.corrected_folder, options.start, options.epochs) == (
        "learn",
        "net",
        "corrected",
        start,
        3,
    )
