"""Networks of dss_widgets 0.1 that DAS 0.33 would load wrongly are named, and no others."""

import zipfile
from pathlib import Path

import pytest

from dss_widgets.cli import main
from dss_widgets.results.for_das import files_to_rename

OLD = b'{"class_name": "TrainableSTFT", "registered_name": "dss_widgets>TrainableSTFT"}'
OF_DAS = b'{"class_name": "Spectrogram", "registered_name": "Spectrogram"}'
WITHOUT = b'{"class_name": "ChannelNormalization", "registered_name": "dss_widgets>ChannelNormalization"}'
"""Without a spectrogram, DAS finds all weights by the names of their layers' kinds."""


def network(folder, name, description):
    with zipfile.ZipFile(folder / f"{name}_model.keras", "w") as archive:
        archive.writestr("config.json", description)
    (folder / f"{name}_model.h5").touch()


def test_what_to_rename_is_told_of_old_networks_alone(tmp_path):
    for name, description in (("old", OLD), ("new", OF_DAS), ("waveform", WITHOUT)):
        network(tmp_path, name, description)
    (tmp_path / "damaged_model.keras").write_bytes(b"PK\x03\x04")
    (told,) = files_to_rename(tmp_path)
    assert told.file == "old_model.keras"
    assert "rename it to old_network.keras" in told.mend
    assert "old_model.h5" in told.mend
    (tmp_path / "old_model.keras").rename(tmp_path / "old_network.keras")
    assert not list(files_to_rename(tmp_path))


def test_without_the_other_file_renaming_is_no_way(tmp_path):
    network(tmp_path, "old", OLD)
    (tmp_path / "old_model.h5").unlink()
    (told,) = files_to_rename(tmp_path)
    assert "rename" not in told.mend


@pytest.mark.parametrize("name", ["stft", "keras"])
def test_files_of_das_are_left_alone(name):
    data = Path(__file__).parents[1] / "network" / "data"
    assert f"das_{name}_params.yaml" in {path.name for path in data.iterdir()}
    assert not list(files_to_rename(data))


def test_the_list_of_runs_tells_it(tmp_path, capsys):
    network(tmp_path, "20261124_120000", OLD)
    (tmp_path / "20261124_120000_params.yaml").write_text("class_names: [noise, a]\n")
    (tmp_path / "20261124_120000.run").mkdir()
    main(["runs", str(tmp_path)])
    assert "DAS 0.33 would take it for its own" in capsys.readouterr().err
