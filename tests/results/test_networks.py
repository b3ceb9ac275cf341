"""Which networks a folder holds, told by their files alone."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from dss_widgets.results.networks import Network, has_network, networks_in, stems_in
from dss_widgets.results.params_file import write_params
from dss_widgets.results.scores import Scores

PARAMS = {"class_names": ["noise", "pulse", "sine"], "class_types": ["segment", "event", "segment"]}


def network(folder: Path, name: str, *, weights: str = "_model.h5", **more) -> Path:
    write_params(folder / f"{name}_params.yaml", {**PARAMS, **more})
    if weights:
        (folder / f"{name}{weights}").write_bytes(b"weights")
    return folder / name


def write_scores(stem: Path, matrix: np.ndarray) -> None:
    with h5py.File(f"{stem}_results.h5", "w") as file:
        file.attrs["class_names"] = json.dumps(PARAMS["class_names"])
        file.attrs["params"] = json.dumps({})
        file.attrs["scores"] = json.dumps(Scores.of(PARAMS["class_names"], matrix).as_dict())
        file.create_group("fit_hist")
        file["y_test"] = np.zeros((4, 3), np.float16)


@pytest.mark.parametrize("weights", ["_model.h5", "_model.keras"])
def test_a_network_has_parameters_and_weights(tmp_path, weights):
    stem = network(tmp_path, "20261101_120000", weights=weights)
    network(tmp_path, "20261102_120000", weights="")
    (tmp_path / "20261103_120000_model.h5").write_bytes(b"weights")
    assert [found.stem for found in networks_in(tmp_path)] == [stem]
    assert has_network(stem)
    assert [path.name for path in stems_in(tmp_path)] == ["20261102_120000", "20261101_120000"]


def test_the_latest_comes_first_whatever_stands_before_its_time(tmp_path):
    for name in ("fly_20261101_120000", "bird_20261103_120000", "20261102_120000"):
        network(tmp_path, name)
    assert [found.name[-15:-7] for found in networks_in(tmp_path)] == ["20261103", "20261102", "20261101"]


def test_it_tells_what_it_knows(tmp_path):
    known = Network(network(tmp_path, "a"))
    assert known.class_names == ("noise", "pulse", "sine")
    assert known.class_types == ("segment", "event", "segment")
    nothing = Network(tmp_path / "gone")
    assert (nothing.class_names, nothing.class_types, nothing.macro_f1) == ((), (), None)


def test_its_score_is_read_from_its_results_and_follows_them(tmp_path):
    stem = network(tmp_path, "a")
    assert Network(stem).macro_f1 is None
    write_scores(stem, np.eye(3, dtype=int) * 5)
    assert Network(stem).macro_f1 == 1.0
    write_scores(stem, np.array([[5, 0, 0], [5, 0, 0], [5, 0, 0]]))
    assert Network(stem).macro_f1 == pytest.approx(1 / 6)


def test_das_keeps_its_score_in_the_params(tmp_path):
    stem = network(tmp_path, "a", conf_mat=[[4, 0, 0], [0, 4, 0], [0, 0, 4]])
    assert Network(stem).macro_f1 == 1.0


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_is_none_holds_no_networks(tmp_path, folder):
    (tmp_path / "file").write_text("x")
    assert networks_in(tmp_path / folder) == []


def test_what_lies_outside_of_the_roots_is_not_listed(tmp_path, monkeypatch):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder in (outside, inside):
        folder.mkdir()
    network(outside, "secret")
    for ending in ("_params.yaml", "_model.h5"):
        (inside / f"secret{ending}").symlink_to(outside / f"secret{ending}")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(inside))
    assert networks_in(outside) == []
    assert networks_in(inside) == []
