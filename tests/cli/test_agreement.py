"""How well two sets of annotations agree, on the terminal and as a table."""

import csv
import json

import pytest

from dss_widgets.cli import main
from dss_widgets.dataset.song import make_song


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Flies' song as it is, and as somebody else would annotate it: pulses 2 ms later, every tenth left out, sine as hum."""
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    make_song(one, "fly", n_files=5, seconds=4, seed=2)
    for path in one.glob("*_annotations.csv"):
        head, *rows = path.read_text().splitlines()
        moved = [(name, float(start), float(stop)) for name, start, stop in (row.split(",") for row in rows)]
        kept = [f"{'hum' if name == 'sine' else name},{start + 0.002},{stop + 0.002}" for name, start, stop in moved]
        del kept[::10]
        (other / path.name).write_text("\n".join([head, *kept]))
    return one, other


def test_the_table_tells_by_song_type_where_they_agree_and_where_not(sets, capsys):
    assert main(["agreement", *map(str, sets), "--rename", "hum=sine"]) == 0
    told = capsys.readouterr().out
    assert "5 recordings, 20 s" in told
    [pulse] = [line.split() for line in told.splitlines() if line.startswith("pulse ") and "+2.0 (+2.0 to +2.0)" in line]
    assert int(pulse[1]) > int(pulse[2]) == int(pulse[3]), "fewer in the other, all of them matched"
    assert pulse[4] == "1.000"
    assert "95 %: interval of F1 over 5 recordings." in told
    assert "Cohen's kappa over time" in told
    assert "Recordings that agree least" in told
    assert "Song types that only" not in told


def test_types_that_one_set_alone_has_are_told_with_the_mend(sets, capsys):
    assert main(["agreement", *map(str, sets)]) == 0
    told = capsys.readouterr().out
    assert "Song types that only ANNOTATED has: sine.\nSong types that only OTHER has: hum.\n" in told
    assert "--rename OTHER'S=ANNOTATED'S" in told


def test_a_document_and_a_table_that_replaces_nothing_unasked(sets, tmp_path, capsys):
    table = tmp_path / "new" / "agreement.csv"
    command = ["agreement", *map(str, sets), "--json", "--out", str(table), "--tolerance-seconds", "0.001"]
    assert main(command) == 0
    document = json.loads(capsys.readouterr().out)
    [pulse] = [told for told in document["song_types"] if told["song_type"] == "pulse"]
    assert (pulse["n_matched"], pulse["f1"]) == (0, 0)
    assert pulse["onset_difference"]["median_seconds"] == pytest.approx(0.002)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 5 * len(document["song_types"])
    assert sum(int(row["annotated"]) for row in rows if row["song_type"] == "pulse") == pulse["n_annotated"]
    assert main([*command[:3], "--differences", str(tmp_path / "each.csv"), "--rename", "hum=sine"]) == 0
    each = list(csv.DictReader((tmp_path / "each.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert each
    assert all(row["annotated"] and not row["other"] for row in each), "every tenth was left out"
    table.write_text("mine")
    assert main(command) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert table.read_text() == "mine"
    assert main([*command, "--overwrite"]) == 0
