"""TensorFlow without its start-up messages."""

import os
import subprocess
import sys

import pytest

from dss_widgets.network import tensorflow_setup


def run(code, **environment):
    """Run Python code in a process of its own."""
    named = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KERAS_"))}
    environment = {**named, **environment}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_importing_it_does_not_import_tensorflow():
    assert run("import sys, dss_widgets.network.tensorflow_setup; sys.exit('tensorflow' in sys.modules)").returncode == 0


@pytest.mark.slow
def test_a_network_is_built_without_a_word_and_with_the_right_backend():
    code = (
        "from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly; import_tensorflow_quietly()\n"
        "from dss_widgets.network.architecture import Architecture\n"
        "from dss_widgets.network.model import build_network\n"
        "build_network(Architecture(n_channels=1, n_classes=2, filters=2, filter_duration=3, separable=(False,)))\n"
        "import keras, sys; print(keras.backend.backend()); print('heard', file=sys.stderr)"
    )
    found = run(code, KERAS_BACKEND="torch", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="1")
    assert (found.returncode, found.stdout, found.stderr) == (0, "tensorflow\n", "heard\n")


def test_what_the_user_set_is_kept_but_for_the_backend(monkeypatch):
    monkeypatch.setattr(tensorflow_setup, "_import_silently", lambda: None)
    kept = {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_FORCE_GPU_ALLOW_GROWTH": "false", "CUDA_VISIBLE_DEVICES": "1"}
    for name, value in {**kept, "KERAS_BACKEND": "jax"}.items():
        monkeypatch.setenv(name, value)
    tensorflow_setup.import_tensorflow_quietly()
    assert {name: os.environ[name] for name in kept} == kept
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


def test_what_is_said_when_tensorflow_cannot_be_imported_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import os; os.write(2, b'why not'); raise ImportError('broken')")
    found = run(
        "from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly; import_tensorflow_quietly()",
        PYTHONPATH=str(tmp_path),
    )
    assert found.returncode == 1
    assert "why not" in found.stderr
    assert "ImportError: broken" in found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_crash_while_tensorflow_is_imported_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    found = run(
        "from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly; import_tensorflow_quietly()",
        PYTHONPATH=str(tmp_path),
    )
    assert found.returncode != 0
    assert "Illegal instruction" in found.stderr


def test_a_worker_spares_itself_pandas_while_tensorflow_is_imported_and_can_import_it_later(tmp_path):
    (tmp_path / "pandas.py").touch()
    (tmp_path / "tensorflow.py").write_text(
        "try:\n    import pandas\nexcept ImportError:\n    print('spared')\nraise ImportError('that was all')"
    )
    code = (
        "from contextlib import suppress; from dss_widgets.network.tensorflow_setup import set_up_worker_process\n"
        "with suppress(ImportError): set_up_worker_process()\n"
        "import pandas; print('there')"
    )
    assert run(code, PYTHONPATH=str(tmp_path)).stdout == "spared\nthere\n"


@pytest.mark.parametrize("started", [False, True])
def test_the_gpus_memory_is_shared_unless_the_gpu_is_in_use_already(monkeypatch, started):
    from dss_widgets.network import gpu, model

    shared = []

    def share(device, enable):
        if started:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        shared.append((device, enable))

    monkeypatch.setattr(gpu.tf.config, "list_physical_devices", lambda kind: [f"{kind}:0", f"{kind}:1"])
    monkeypatch.setattr(gpu.tf.config.experimental, "set_memory_growth", share)
    gpu.share_memory.cache_clear()
    model.build_network(model.Architecture(n_channels=1, n_classes=2, filters=2, filter_duration=3, separable=(False,)))
    assert shared == ([] if started else [("GPU:0", True), ("GPU:1", True)])
    gpu.share_memory.cache_clear()


@pytest.mark.slow
def test_standard_error_that_is_no_file_is_no_hindrance():
    code = (
        "import faulthandler, io, sys; faulthandler.enable(); sys.stderr = io.StringIO()\n"
        "from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly; import_tensorflow_quietly()\n"
        "print(faulthandler.is_enabled())"
    )
    found = run(code)
    assert (found.returncode, found.stdout) == (0, "True\n"), found.stderr


@pytest.mark.slow
def test_what_threads_compute_at_once_is_compiled_without_what_they_would_share(tmp_path):
    chosen = "--xla_cpu_enable_fast_math=false"
    code = (
        "import tensorflow as tf\n"
        "from dss_widgets.network.gpu import fused\n"
        "fused(lambda x: x / tf.reduce_max(x, axis=-1, keepdims=True))(tf.ones([64, 100, 32]))\n"
        "import os; print(os.environ['XLA_FLAGS'])"
    )
    found = run(code, XLA_FLAGS=f"{chosen} --xla_dump_to={tmp_path}")
    assert found.returncode == 0, found.stderr
    assert chosen in found.stdout
    compiled = [path.read_text() for path in tmp_path.glob("*after_optimizations.txt")]
    assert any("reduce" in text for text in compiled)
    assert not any("ynn_fusion" in text for text in compiled)


def test_what_was_chosen_for_compiled_reductions_stays(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", f"--{tensorflow_setup._YNN_OPTION}=LIBRARY_FUSION_TYPE_DOT")
    tensorflow_setup.keep_compiled_reductions_apart()
    assert os.environ["XLA_FLAGS"] == f"--{tensorflow_setup._YNN_OPTION}=LIBRARY_FUSION_TYPE_DOT"
