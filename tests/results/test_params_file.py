"""The params file: plain YAML out, DAS's tagged YAML in, and nothing is ever run."""

import numpy as np
import pytest
import yaml

from dss_widgets.errors import DataError
from dss_widgets.results import read_params, write_params


def test_what_is_written_is_plain_yaml_that_any_safe_loader_reads(tmp_path):
    params = {
        "rate": np.float64(32000.0), "n": np.int64(3), "flags": (True, np.bool_(False)), "matrix": np.eye(2, dtype=int),
        "nothing": None, "names": ["noise", "NA", "1", "01", "a@b"], "path": tmp_path,
    }  # fmt: skip
    path = write_params(tmp_path / "run_params.yaml", params)
    told = yaml.safe_load(path.read_text())
    assert told == {
        "rate": 32000.0, "n": 3, "flags": [True, False], "matrix": [[1, 0], [0, 1]],
        "nothing": None, "names": ["noise", "NA", "1", "01", "a@b"], "path": str(tmp_path),
    }  # fmt: skip
    assert "!!" not in path.read_text()
    assert "&id" not in path.read_text()


def test_the_stem_finds_the_file(tmp_path):
    write_params(tmp_path / "my.run_params.yaml", {"a": 1})
    assert read_params(tmp_path / "my.run") == {"a": 1}


def test_das_files_with_numpy_numbers_arrays_and_tuples_are_read(tmp_path):
    params = {
        "rate": np.float64(10000.0), "single": np.float32(0.25), "count": np.int64(7), "flag": np.bool_(True),
        "shape": (1, 2), "matrix": np.arange(4).reshape(2, 2), "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "name": np.str_("sine"), "same": [np.float64(1.5), np.float64(2.5)],
    }  # fmt: skip
    (tmp_path / "x_params.yaml").write_text(yaml.dump(params))
    told = read_params(tmp_path / "x")
    assert told["rate"] == 10000.0
    assert told["single"] == 0.25
    assert told["count"] == 7
    assert told["flag"] is True
    assert told["shape"] == [1, 2]
    assert told["matrix"] == [[0, 1], [2, 3]]
    assert told["columns"] == [[0, 1, 2], [3, 4, 5]]
    assert told["name"] == "sine"
    assert told["same"] == [1.5, 2.5]


def test_old_and_new_numpy_module_names_are_read(tmp_path):
    text = yaml.dump({"rate": np.float64(3.0)})
    old, new = text.replace("numpy._core", "numpy.core"), text.replace("numpy.core", "numpy._core")
    for name, text in (("old", old), ("new", new)):
        (tmp_path / f"{name}_params.yaml").write_text(text)
        assert read_params(tmp_path / name)["rate"] == 3.0


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {mark}']",
        "!!python/object/new:os.system ['touch {mark}']",
        "!!python/object/apply:subprocess.check_output [['touch', '{mark}']]",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!python/object:pathlib.Path {{}}",
        "!!python/object/apply:numpy.core.multiarray.scalar [!!python/name:os.system , 'x']",
        "!!python/object/apply:numpy.dtype ['O', false, true]",
    ],
)
def test_reading_params_runs_no_code(tmp_path, tag):
    mark = tmp_path / "was_here"
    (tmp_path / "x_params.yaml").write_text(f"good: 1\nbad: {tag.format(mark=mark)}\n")
    told = read_params(tmp_path / "x")
    assert told["good"] == 1
    assert not callable(told["bad"])
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "9" * 5000,
        "a: 2001-99-99",
        "a: &x [*x]",
        "a: &x {b: *x}",
        "\n".join(["a0: &a0 [1, 1]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60))]),
        "\n".join(["a0: &a0 {x: 1}", *(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}" for i in range(1, 60))]),
        "[" * 5000,
        "? [1, 2]\n: 3",
        "a: \x00",
    ],
    ids=["number", "date", "list in itself", "mapping in itself", "doubling", "merging", "deep", "key", "zero"],
)  # fmt: skip
def test_odd_files_are_refused_and_those_that_double_are_not_written_out(tmp_path, text):
    (tmp_path / "x_params.yaml").write_text(text)
    with pytest.raises(DataError, match=r"x_params\.yaml"):
        read_params(tmp_path / "x")


def test_a_file_that_is_far_too_long_is_not_read_whole(tmp_path):
    with open(tmp_path / "x_params.yaml", "wb") as file:
        file.truncate(2**34)
    with pytest.raises(DataError, match="far larger"):
        read_params(tmp_path / "x")


def test_a_missing_or_broken_file_says_which_and_where(tmp_path):
    with pytest.raises(DataError, match=r"gone_params\.yaml: cannot be read"):
        read_params(tmp_path / "gone")
    (tmp_path / "x_params.yaml").write_text("a: 1\nb: [1, 2\nc: 3\n")
    with pytest.raises(DataError, match=r"x_params\.yaml, row 3"):
        read_params(tmp_path / "x")
    (tmp_path / "x_params.yaml").write_text("just text")
    with pytest.raises(DataError, match="holds no parameters"):
        read_params(tmp_path / "x")
