"""Files that go to DAS and come from it."""

import json
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from dss_widgets.dataset import open_dataset
from dss_widgets.errors import DataError
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.das_weights import read_das_weights, save_das_weights
from dss_widgets.network.keras_file import read_whole_network, save_whole_network
from dss_widgets.network.model import build_network
from dss_widgets.network.params import network_params, training_params
from dss_widgets.network.trained import load_trained

DATA = Path(__file__).parent / "data"


def network(*, seed, **changes):
    parts = {"n_channels": 1, "n_classes": 3, "filters": 4, "filter_duration": 3, "separable": (False,), **changes}
    return build_network(Architecture(**parts), seed=seed)


def save(path, network):
    """Write a network into the file that the path's ending says."""
    if path.suffix == ".keras":
        save_whole_network(path, network)
    else:
        save_das_weights(path, network.architecture, network.weights)
    return path


def load(path, network):
    """Give a network the weights of a file."""
    read = read_whole_network if path.suffix == ".keras" else read_das_weights
    network.set_weights(read(path, network.architecture))


@cache
def lasting_network(**how):
    """A network that nothing is read into."""
    return network(**how)


@pytest.mark.parametrize("name", ["stft", "separable", "keras"])
def test_networks_made_by_das_give_the_probabilities_that_das_gives(name):
    trained = load_trained(DATA / f"das_{name}")
    known = np.load(DATA / f"das_{name}_probabilities.npz")
    found = trained.network.model(known["audio"]).numpy()
    assert np.abs(found - known["probabilities"]).max() < 1e-4
    assert trained.class_names == ["noise", "low", "high"]
    assert trained.samplerate_hz == 1000.0
    assert trained.settings.boundary == 3
    assert trained.settings.architecture.hop == (1 if name == "separable" else 8)


@pytest.mark.parametrize(("factor", "power"), [(1, 0), (2, 1), (4, 2), (8, 3), (64, 6), (128, 7)])
def test_the_downsample_factor_goes_into_params_as_its_log2_and_comes_back(options, store, tmp_path, factor, power):
    params = training_params(options.copy(downsample_factor=factor), open_dataset(store), tmp_path / "a", seed=1)
    assert params["nb_pre_conv"] == power
    assert network_params(params, tmp_path / "a_params.yaml").architecture.hop == factor


def test_the_layout_is_that_of_das(tmp_path):
    path = save(tmp_path / "a_model.h5", network(seed=1, window=16, hop=4, separable=(True,)))
    with h5py.File(path) as file, h5py.File(DATA / "das_stft_model.h5") as das:
        group = file["model_weights"]
        names = [name.decode() for name in group.attrs["layer_names"]]
        assert names[:4] == ["trainable_stft", "conv1d", "separable_conv1d", "conv1d_1"]
        assert names[-1] == "dense"
        assert group["trainable_stft/trainable_stft/real_kernels:0"].shape == (16, 1, 1, 9)
        assert group["conv1d/conv1d/kernel:0"].shape == (1, 9, 4)
        assert group["separable_conv1d/separable_conv1d/depthwise_kernel:0"].shape == (3, 4, 4)
        assert list(group["separable_conv1d"].attrs["weight_names"]) == [
            f"separable_conv1d/{part}:0".encode() for part in ("depthwise_kernel", "pointwise_kernel", "bias")
        ]
        stft = "model_weights/trainable_stft"
        ours, theirs = ([str(np.char.decode(np.bytes_(name))) for name in f[stft].attrs["weight_names"]] for f in (file, das))
        assert ours == theirs
        assert "model_config" not in file.attrs


def rename_layers(path, new_name):
    """Give the layers of a weights file other names, in the order in which they were made."""
    with h5py.File(path, "a") as file:
        group = file["model_weights"]
        names = [name.decode() for name in group.attrs["layer_names"]]
        later = [new_name(i, name) for i, name in enumerate(names)]
        for name in names:
            group.move(name, f"{name} of before")
        for old, new in zip(names, later, strict=True):
            group.move(f"{old} of before", new)
        group.attrs["layer_names"] = np.array(later, dtype="S")


def counted_on(_i, name):
    kind, _, number = name.rpartition("_")
    return f"{kind}_{int(number) + 9}" if number.isdecimal() else f"{name}_9"


def of_early_das(i, name):
    if not name.startswith("conv1d") or i == 0:
        return "tcn_initial_conv" if i == 0 else name
    block, place = divmod(i - 1, 10)
    return f"tcn_dilated_conv_{2 ** (place // 2)}_tanh_s{block}" if place % 2 == 0 else f"conv1d_{block * 5 + place // 2}"


@pytest.mark.parametrize("new_name", [counted_on, of_early_das])
def test_layers_that_das_names_otherwise_are_found(tmp_path, new_name):
    path = save(tmp_path / "a_model.h5", lasting_network(seed=1, separable=(False, False)))
    rename_layers(path, new_name)
    other = network(seed=2, separable=(False, False))
    load(path, other)
    for one, read in zip(
        lasting_network(seed=1, separable=(False, False)).model.get_weights(), other.model.get_weights(), strict=True
    ):
        assert np.array_equal(one, read)


@pytest.mark.parametrize(
    "changes",
    [{}, {"window": 16, "hop": 4}, {"separable": (True, False)}, {"lstm_units": 3}, {"n_channels": 3, "window": 16, "hop": 4}],
    ids=str,
)
@pytest.mark.parametrize("whole", [True, False])
def test_weights_written_and_read_give_the_same_network(tmp_path, changes, whole):
    written, read = lasting_network(seed=1, **changes), network(seed=2, **changes)
    path = tmp_path / ("a_model.keras" if whole else "a_model.h5")
    save(path, written)
    load(path, read)
    for one, other in zip(written.model.get_weights(), read.model.get_weights(), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("changes", [{"filters": 5}, {"n_classes": 2}, {"separable": (False, False)}, {"window": 16, "hop": 4}])
@pytest.mark.parametrize("is_other_smaller", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_weights_of_another_network_are_refused_and_change_nothing(tmp_path, changes, is_other_smaller, whole):
    path = tmp_path / ("a_model.keras" if whole else "a_model.h5")
    saved, other = (changes, {}) if is_other_smaller else ({}, changes)
    save(path, lasting_network(seed=1, **saved))
    other = lasting_network(seed=2, **other)
    before = other.model.get_weights()
    with pytest.raises(DataError, match=r"a_model\.\w+: .*the params describe"):
        load(path, other)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.model.get_weights(), strict=True))


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "a_model.h5").write_bytes(b"not an h5 file")
    with pytest.raises(DataError, match="holds no weights that can be read"):
        load(tmp_path / "a_model.h5", network(seed=1))
    path = save(tmp_path / "b_model.h5", network(seed=1))
    with h5py.File(path, "a") as file:
        file["model_weights/conv1d/conv1d/kernel:0"][0, 0, 0] = np.nan
    with pytest.raises(DataError, match="not all finite"):
        load(path, network(seed=1))


def test_das_finds_its_own_layers_in_the_whole_network_and_their_weights_where_it_looks(tmp_path):
    save(tmp_path / "a_model.keras", network(seed=1, window=16, hop=4, separable=(True, False), n_channels=2))
    with zipfile.ZipFile(tmp_path / "a_model.keras") as archive, zipfile.ZipFile(DATA / "das_keras_model.keras") as das:
        layers, wanted = ({layer["name"]: layer for layer in described(file)} for file in (archive, das))
        stft = layers["trainable_stft"]
        assert stft["config"].items() >= {**wanted["trainable_stft"]["config"], "n_dft": 16, "n_hop": 4}.items()
        assert (stft["class_name"], stft["registered_name"]) == ("Spectrogram", "Spectrogram")
        functions = [layers["activation"]["config"]["activation"], wanted["lambda"]["config"]["function"]]
        assert functions[0] == functions[1]
        assert not any("Lambda" in layer["class_name"] for layer in layers.values())
        names = [set(h5py.File(BytesIO(file.read("model.weights.h5")))["layers"]) for file in (archive, das)]
        assert {"spectrogram", "conv1d", "conv1d_1", "conv1d_6", "dense"} <= names[0] & names[1]


def described(archive):
    return json.loads(archive.read("config.json"))["config"]["layers"]


def test_networks_of_the_first_release_open(tmp_path):
    written, read = (network(seed=seed, window=16, hop=4) for seed in (1, 2))
    save(tmp_path / "a_model.keras", written)
    repack(tmp_path / "a_model.keras", lambda file: file["layers"].move("spectrogram", "trainable_stft"))
    load(tmp_path / "a_model.keras", read)
    assert all(np.array_equal(a, b) for a, b in zip(written.model.get_weights(), read.model.get_weights(), strict=True))


def repack(path, change):
    """Change the weights in a whole network's file."""
    with zipfile.ZipFile(path) as archive:
        content = BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content, "a") as file:
        change(file)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", content.getvalue())


def link_elsewhere(file):
    file["layers/conv1d/vars"].move("0", "old")
    file["layers/conv1d/vars"]["0"] = h5py.ExternalLink("other.h5", "x")


def store_elsewhere(file):
    shape = file["layers/conv1d/vars/0"].shape
    del file["layers/conv1d/vars/0"]
    file["layers/conv1d/vars"].create_dataset("0", shape, "f4", external=[("other.bin", 0, h5py.h5f.UNLIMITED)])


def refer_elsewhere(file):
    shape = file["layers/conv1d/vars/0"].shape
    del file["layers/conv1d/vars/0"]
    layout = h5py.VirtualLayout(shape, "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape)
    file["layers/conv1d/vars"].create_virtual_dataset("0", layout)


def claim_to_be_huge(file):
    del file["layers/conv1d/vars/0"]
    file["layers/conv1d/vars"].create_dataset("0", (2**40,), "f4", chunks=(2**20,))


def be_another_kind(file):
    shape = file["layers/conv1d/vars/0"].shape
    del file["layers/conv1d/vars/0"]
    file["layers/conv1d/vars"]["0"] = np.zeros(shape, "S4")


def be_not_finite(file):
    file["layers/conv1d/vars/0"][:] = np.inf


@pytest.mark.parametrize(
    "change", [link_elsewhere, store_elsewhere, refer_elsewhere, claim_to_be_huge, be_another_kind, be_not_finite]
)
def test_arrays_that_are_not_plainly_in_the_file_are_refused(tmp_path, monkeypatch, change):
    monkeypatch.chdir(tmp_path)
    shape = (1, 1, 4)
    np.ones(shape, "f4").tofile("other.bin")
    with h5py.File("other.h5", "w") as file:
        file["x"] = np.ones(shape, "f4")
    save(tmp_path / "a_model.keras", network(seed=1))
    repack(tmp_path / "a_model.keras", change)
    with pytest.raises(DataError, match=r"a_model\.keras: "):
        load(tmp_path / "a_model.keras", network(seed=2))


def test_a_zip_that_claims_or_unpacks_to_far_more_is_refused_without_taking_memory(tmp_path):
    bomb = tmp_path / "a_model.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("model.weights.h5", "w") as member:
        for _ in range(100):
            member.write(bytes(2**20))
    with pytest.raises(DataError, match="far larger"):
        load(bomb, network(seed=1))


def test_the_params_of_a_run_are_plain_and_name_everything_that_das_needs(trained_run):
    params = yaml.safe_load(Path(f"{trained_run.stem}_params.yaml").read_text())
    assert params["model_name"] == "tcn"
    assert params["nb_pre_conv"] == 2
    assert params["use_separable"] is False
    assert params["nb_hist"] == 256
    assert params["data_padding"] == 3
    assert params["stride"] == 250
    assert params["nb_freq"] == 1
    assert params["class_names"] == ["noise", "low", "high"]
    assert params["samplerate_x_Hz"] == 1000.0
    assert len(params["data_hash"]) == 64
    assert params["report"]["low"]["f1-score"] > 0.5
    assert np.shape(params["conf_mat"]) == (3, 3)
    assert params["dss_widgets"]["options"]["chunk_duration"] == 256
    assert "tensorflow" in params["dss_widgets"]["libraries"]
