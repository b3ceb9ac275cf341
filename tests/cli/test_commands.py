"""The command line as scripts and people use it: real processes, real files, exit codes."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from dss_widgets.cli import build_parser, main
from dss_widgets.cli.choosing import training_options

COMMANDS = [
    "song", "check", "plan", "assemble", "inspect", "train", "runs", "follow", "stop", "resume",
    "evaluate", "predict", "serve", "demo", "suggest", "script", "report", "export", "counts",
    "review", "learn-on", "rounds", "check-labels", "agreement",
]  # fmt: skip


def _options(*arguments):
    return training_options(build_parser().parse_args(arguments))


@pytest.fixture
def bird(tmp_path):
    folder = tmp_path / "bird"
    assert main(["song", str(folder), "--kind", "bird", "--files", "4", "--seconds", "4", "--seed", "3"]) == 0
    return folder


SMALL = ("--preset", "quick", "--blocks", 1, "--filters", 8, "--filter-duration", 7)
"""Of a network that is made ready in half the time."""


def run(*arguments, cwd=None):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "dss_widgets", *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_help_names_every_command():
    told = run("--help").stdout
    for command in COMMANDS:
        assert command in told


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: dss-widgets" in capsys.readouterr().out


def test_a_command_that_is_none_is_a_usage_error():
    with pytest.raises(SystemExit) as ended:
        main(["frobnicate"])
    assert ended.value.code == 2


def test_song_makes_as_many_recordings_as_asked_for(bird):
    assert len(list(bird.glob("*.wav"))) == 4
    assert len(list(bird.glob("*_annotations.csv"))) == 4


def test_song_refuses_to_replace_recordings(bird, capsys):
    assert main(["song", str(bird), "--kind", "bird", "--files", "4", "--seconds", "4"]) == 1
    assert "error:" in capsys.readouterr().err


def test_annotations_are_exported_and_counted(bird, tmp_path, capsys):
    assert main(["export", str(bird), "--to", "textgrid", "--out", str(tmp_path / "praat")]) == 0
    assert main(["counts", str(bird), "--out", str(tmp_path / "counts.csv")]) == 0
    *grids, counts, transitions = capsys.readouterr().out.split("\n")[:-1]
    assert [path.rpartition(".")[2] for path in grids] == ["TextGrid"] * 4
    assert (counts, transitions) == (str(tmp_path / "counts.csv"), str(tmp_path / "counts_transitions.csv"))
    assert main(["export", str(bird), "--to", "textgrid", "--out", str(tmp_path / "praat")]) == 1
    assert "--overwrite" in capsys.readouterr().err


def test_check_prints_recordings_and_song_types(bird, capsys):
    assert main(["check", str(bird)]) == 0
    told = capsys.readouterr().out
    assert "bird-A_01.wav" in told
    assert "segment" in told


def test_check_json_is_one_document(bird, capsys):
    assert main(["check", str(bird), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True
    assert len(document["recordings"]) == 4
    assert {song_type["category"] for song_type in document["song_types"]} == {"segment"}


def test_check_of_an_empty_folder_fails_with_the_mend(tmp_path, capsys):
    assert main(["check", str(tmp_path)]) == 1
    assert "(name_annotations.csv) beside it" in capsys.readouterr().err


def test_check_names_file_and_row(bird, capsys):
    file = bird / "bird-A_01_annotations.csv"
    lines = file.read_text().splitlines()
    name, start, _ = lines[3].split(",")
    lines[3] = f"{name},{start},0.0"
    file.write_text("\n".join(lines))
    assert main(["check", str(bird)]) == 1
    assert "bird-A_01_annotations.csv, row 4" in capsys.readouterr().err


def test_an_error_with_json_is_json_too(tmp_path, capsys):
    assert main(["check", str(tmp_path / "nowhere"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert "not a folder" in document["error"]


def test_plan_writes_nothing(bird, capsys):
    before = sorted(bird.parent.rglob("*"))
    assert main(["plan", str(bird), "--seed", "1"]) == 0
    assert sorted(bird.parent.rglob("*")) == before
    assert "validation" in capsys.readouterr().out


def test_plan_json_tells_what_assemble_writes(bird, capsys):
    flags = [
        "--seed",
        "5",
        "--test-split",
        "files",
        "--train-fraction",
        "0.5",
        "--val-fraction",
        "0.25",
        "--test-fraction",
        "0.25",
    ]
    assert main(["plan", str(bird), *flags, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert main(["assemble", str(bird), *flags]) == 0
    capsys.readouterr()
    assert main(["inspect", str(bird) + ".npy", "--json"]) == 0
    store = json.loads(capsys.readouterr().out)
    assert store["class_names"] == plan["class_names"]
    for split in ("train", "val", "test"):
        assert store["splits"][split]["samples"] == plan["splits"][split]["samples"] > 0


def test_assemble_takes_a_store_name(bird, tmp_path, capsys):
    assert main(["assemble", str(bird), str(tmp_path / "other.npy"), "--gap-seconds", "0.002", "--individual-targets"]) == 0
    assert (tmp_path / "other.npy" / "train" / "y_a.npy").is_file()
    assert "other.npy" in capsys.readouterr().out


def test_assemble_refuses_a_store_without_npy(bird, tmp_path, capsys):
    assert main(["assemble", str(bird), str(tmp_path / "store")]) == 1
    assert ".npy" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


def test_assemble_replaces_a_dataset_only_when_told(bird, capsys):
    assert main(["assemble", str(bird), "--seed", "1"]) == 0
    assert main(["assemble", str(bird), "--seed", "2"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["assemble", str(bird), "--seed", "2", "--overwrite"]) == 0


def test_assembling_again_with_nothing_changed_says_so_and_stops(bird, capsys):
    assert main(["assemble", str(bird), "--seed", "1"]) == 0
    written = (bird.with_name("bird.npy") / "attrs.npy").stat().st_mtime_ns
    assert main(["assemble", str(bird), "--seed", "1"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert (bird.with_name("bird.npy") / "attrs.npy").stat().st_mtime_ns == written


def test_check_reads_the_audio_and_writes_a_table_when_told(bird, tmp_path, capsys):
    import numpy as np
    import soundfile

    soundfile.write(bird / "bird-A_01.wav", np.full(4 * 32000, 1.0), 32000)
    assert main(["check", str(bird), "--audio", "--table", str(tmp_path / "problems.csv")]) == 0
    assert "bird-A_01.wav" in capsys.readouterr().err
    assert "bird-A_01.wav" in (tmp_path / "problems.csv").read_text()


def test_assemble_reads_a_config_file_and_flags_count_more(bird, tmp_path, capsys):
    config = tmp_path / "options.yaml"
    config.write_text("gap_seconds: 0.004\nseed: 7\nstore_format: float32\n")
    assert main(["assemble", str(bird), "--config", str(config), "--seed", "8"]) == 0
    capsys.readouterr()
    main(["inspect", str(bird) + ".npy", "--json"])
    options = json.loads(capsys.readouterr().out)["attrs"]["options"]
    assert (options["gap_seconds"], options["seed"], options["store_format"]) == (0.004, 8, "float32")


def test_a_config_with_a_wrong_name_names_the_file_and_the_nearest_option(bird, tmp_path, capsys):
    config = tmp_path / "options.yaml"
    config.write_text("gap_second: 0.004\n")
    assert main(["assemble", str(bird), "--config", str(config)]) == 1
    told = capsys.readouterr().err
    assert "options.yaml" in told
    assert "gap_seconds" in told


def test_a_bad_number_is_a_usage_error_that_names_the_flag(bird, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["assemble", str(bird), "--gap-seconds", "-1"])
    assert ended.value.code == 2
    assert "--gap-seconds" in capsys.readouterr().err


def test_an_impossible_chunk_is_refused_before_anything_starts(bird, capsys):
    assert main(["assemble", str(bird), "--seed", "1"]) == 0
    assert main(["train", str(bird) + ".npy", "--chunk-duration", "64"]) == 1
    assert "chunk_duration" in capsys.readouterr().err
    assert not bird.with_name("bird.res").exists()


def test_flags_are_not_guessed_from_their_beginnings(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "a.npy", "--filter", "3"])
    assert ended.value.code == 2


def test_das_flag_names_mean_the_same(bird):
    ours = "--chunk-duration 2048 --filter-duration 8 --downsample-factor 8 --blocks 2 --separable True False "
    ours += "--song-type yip --save-folder out --filters 12 --epochs 3"
    das = "--data-dir a.npy --nb-hist 2048 --kernel-size 8 --nb-pre-conv 3 --nb-conv 2 --use-separable True False "
    das += "--y-suffix yip --save-dir out --nb-filters 12 --nb-epoch 3"
    assert _options("train", "a.npy", *ours.split()) == _options("train", *das.split())


def test_false_alone_is_das_way_to_say_that_no_block_is_separable():
    assert _options("train", "a.npy", "--nb-conv", "3", "--use-separable", "False").separable == []


@pytest.mark.parametrize(("power", "factor"), [(1, 2), (3, 8), (6, 64), (7, 128)])
def test_nb_pre_conv_is_a_logarithm(power, factor):
    assert _options("train", "a.npy", "--nb-pre-conv", str(power)).downsample_factor == factor


def test_a_preset_is_a_start_that_flags_change():
    options = _options("train", "a.npy", "--preset", "mouse", "--filters", "8")
    assert (options.chunk_duration, options.blocks, options.filters) == (8192, 2, 8)


def test_a_run_file_that_cannot_be_written_is_told_before_anything_starts(bird, tmp_path, capsys):
    assert main(["assemble", str(bird), str(tmp_path / "b.npy")]) == 0
    words = ["train", str(tmp_path / "b.npy"), "--preset", "quick", "--run-file", str(tmp_path / "nowhere" / "run.txt")]
    assert main(words) == 1
    assert "cannot be written (No such file or directory). Choose another --run-file" in capsys.readouterr().err
    assert not (tmp_path / "b.res").exists()


def test_a_run_that_is_none_is_told_with_what_there_is(tmp_path, capsys):
    assert main(["follow", str(tmp_path / "20260101_000000")]) == 1
    assert "no such run" in capsys.readouterr().err


def test_runs_of_an_empty_folder(tmp_path, capsys):
    assert main(["runs", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == []


@pytest.mark.slow
def test_the_whole_path_from_song_to_prediction(tmp_path):
    folder = tmp_path / "bird"
    assert run("song", folder, "--kind", "bird", "--files", 4, "--seconds", 5, "--seed", 1).returncode == 0
    assert run("assemble", folder, "--test-split", "files", "--gap-seconds", 0.002, "--seed", 1).returncode == 0
    trained = run("train", f"{folder}.npy", *SMALL, "--epochs", 2, "--seed", 1, "--prefix", "my")
    assert trained.returncode == 0, trained.stderr
    assert "macro F1" in trained.stdout
    listed = json.loads(run("runs", tmp_path / "bird.res", "--json").stdout)["runs"]
    assert [entry["state"] for entry in listed] == ["finished"]
    stem = listed[0]["stem"]
    assert os.path.basename(stem).startswith("my_")
    for ending in ("_model.keras", "_params.yaml", "_model.h5", "_results.h5", ".run"):
        assert os.path.exists(stem + ending)
    scores = json.loads(run("evaluate", stem, "--json").stdout)
    assert scores["class_names"][0] == "noise"
    assert scores["results"] == stem + "_results.h5"
    assert f"Written to {stem}_results.h5" in run("evaluate", stem).stdout
    assert "macro F1" in run("report", stem).stdout
    assert len(scores["confusion_matrix"]) == len(scores["class_names"])
    assert scores["macro_f1"] == pytest.approx(listed[0]["macro_f1"], abs=1e-6)
    predicted = run("predict", stem + ".run", folder / "bird-A_01.wav", "--out", tmp_path / "out")
    assert predicted.returncode == 0, predicted.stderr
    assert (tmp_path / "out" / "bird-A_01_annotations.csv").read_text().startswith("name,start_seconds,stop_seconds")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(folder / "bird-A_02.wav", alone)
    assert run("predict", stem, alone / "bird-A_02.wav").returncode == 0
    assert (alone / "bird-A_02_annotations.csv").is_file()
    ranked = json.loads(run("review", stem, alone / "bird-A_02.wav", "--seconds", 1, "--count", 3, "--json").stdout)
    assert 1 <= len(ranked) <= 3
    assert (ranked[0]["recording"], ranked[0]["worth"]) == (str(alone / "bird-A_02.wav"), 1.0)
    season = tmp_path / "season"
    for day in ("1", "2"):
        (season / day).mkdir(parents=True)
        shutil.copy(folder / "bird-A_01.wav", season / day)
    (season / "2" / "broken.wav").write_bytes(b"no audio")
    (season / "list.txt").write_text("# by day\n1\n2/*.wav\n")
    many = run("predict", stem, "--list", season / "list.txt", "--out", tmp_path / "out", "--existing", "skip")
    assert many.returncode == 1
    assert "broken.wav" in many.stderr
    assert "recordings: 2 done, 1 failed" in many.stdout
    assert sorted(path.parent.name for path in (tmp_path / "out").glob("*/*_annotations.csv")) == ["1", "2"]
    refused = run("predict", stem, folder / "bird-A_02.wav")
    assert refused.returncode == 1
    assert "bird-A_02_annotations.csv" in refused.stderr


@pytest.mark.slow
def test_a_detached_run_goes_on_and_can_be_stopped(tmp_path):
    folder = tmp_path / "bird"
    run("song", folder, "--kind", "bird", "--files", 3, "--seconds", 4, "--seed", 1)
    run("assemble", folder, "--seed", 1)
    started = run("train", f"{folder}.npy", *SMALL, "--epochs", 500, "--detach")
    assert started.returncode == 0, started.stderr
    name = started.stdout.strip()
    assert run("stop", name).returncode == 0
    followed = run("follow", name)
    assert followed.returncode == 0, followed.stderr
    assert "stopped" in followed.stdout


def test_what_a_config_file_names_counts_more_than_a_preset_even_where_it_is_the_default(tmp_path):
    config = tmp_path / "train.yaml"
    config.write_text("epochs: 16\nlearning_rate: 0.003\n")
    options = _options("train", "a.npy", "--preset", "das", "--config", str(config))
    assert (options.epochs, options.learning_rate, options.chunk_duration) == (16, 0.003, 1024)


def test_a_config_whose_keys_are_no_names_is_an_error(tmp_path, capsys):
    config = tmp_path / "train.yaml"
    config.write_text("1: 2\n")
    assert main(["script", "a.npy", "--config", str(config)]) == 1
    assert "is not an option" in capsys.readouterr().err


def test_runs_of_a_folder_that_is_none_fail(tmp_path, capsys):
    assert main(["runs", str(tmp_path / "nowhere")]) == 1
    assert "not a folder" in capsys.readouterr().err


def test_a_port_that_cannot_be_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", "70000"])
    assert ended.value.code == 2
    assert "65535" in capsys.readouterr().err


def test_names_in_tables_show_control_characters(tmp_path, capsys):
    make = [("a\x1b[31mred", 0.1, 0.2), ("b", 0.5, 0.6)]
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "r.wav", np.zeros(8000), 8000)
    rows = "".join(f"{name},{start},{stop}\n" for name, start, stop in make)
    (tmp_path / "r_annotations.csv").write_text("name,start_seconds,stop_seconds\n" + rows)
    main(["check", str(tmp_path)])
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\\x1b[31mred" in told


def test_a_plan_with_errors_tells_them_once(tmp_path, capsys):
    assert main(["assemble", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("holds no annotated recordings") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train", "x.npy", "--epochs", "many"], "--epochs/--nb-epoch: must be a whole number, not 'many'."),
        (["train", "x.npy", "--epochs", "0"], "--epochs/--nb-epoch: must lie between 1 and 100000, not 0."),
        (["assemble", "x", "--gap-seconds", "-1"], "--gap-seconds"),
        (["train", "x.npy", "--epohcs", "3"], "--epohcs"),
        (["unheard-of"], "unheard-of"),
    ],
)
def test_what_is_wrong_with_a_command_is_one_line(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert told in lines[0]
    assert lines[0].startswith("error: ")
    assert "--help" in lines[0]


def test_of_a_good_folder_check_says_that_all_is_fine(tmp_path, capsys):
    assert main(["song", str(tmp_path / "bird"), "--files", "4", "--seconds", "5", "--seed", "1"]) == 0
    assert main(["check", str(tmp_path / "bird")]) == 0
    assert "All is fine" in capsys.readouterr().out


def test_many_problems_of_a_kind_are_told_in_a_few_lines_and_hide_no_other(tmp_path, capsys):
    soundfile.write(tmp_path / "rec1.wav", np.random.default_rng(0).uniform(-0.5, 0.5, 80_000), 8000)
    rows = "".join(f"A,0,{i},1,{i}\n" for i in range(200))
    (tmp_path / "rec1_annotations.csv").write_text(f"name,start_seconds,stop_seconds\n{rows}noise,1,2\nA,1,2\n")
    assert main(["check", str(tmp_path)]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert len(told) == 5
    assert told[3] == "error: 197 more of this kind, in rec1_annotations.csv, rows 5 to 201."
    assert "row 202: 'noise'" in told[4]
    assert main(["check", str(tmp_path), "--json"]) == 1
    assert len([p for p in json.loads(capsys.readouterr().out)["problems"] if p["severity"] == "error"]) == 201
