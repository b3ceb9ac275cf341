"""HDF5 files appear whole or not at all, and a disk that is full ends in an error, not in a crash."""

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from dss_widgets.results.whole_h5 import WholeH5File

LIMITED = """
import gc, os, resource, sys
from pathlib import Path
import numpy as np
from dss_widgets.errors import DataError
from dss_widgets.results import ResultsWriter
from dss_widgets.results.probabilities_file import probabilities_file

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

folder, told, n_whole, n_failed = Path(sys.argv[1]), set(), 0, 0
blocks = np.random.default_rng(1).dirichlet([1, 1, 1], (4, 30_000)).astype(np.float32)

def probabilities():
    with probabilities_file(folder / "a_probabilities.h5", "abc", "abc", 1000.0) as kept:
        for block in blocks:
            kept.add(block)

def results():
    with ResultsWriter(folder / "a_results.h5", ["a", "b", "c"], params={}, history={"loss": [1.0]}) as written:
        for block in blocks:
            written.add(block, block)
        written.finish(None)

for write in (probabilities, results):
    for size in [*range(0, 6000, 1001), 100_000, *range(2**22 - 50_000, 2**23, 150_000), 2**25]:
        room(size)
        try:
            write()
            n_whole += 1
        except (OSError, DataError) as error:
            n_failed += 1
            told.add(str(error.__cause__ or error))
        room(resource.RLIM_INFINITY)
        gc.collect()
        assert not [name for name in os.listdir(folder) if name.startswith(".")], os.listdir(folder)
print(n_whole >= 2, n_failed > 30, told)
"""


def test_it_appears_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "a.h5"
    with WholeH5File(path, n_bytes=8000) as whole:
        whole.file["x"] = np.arange(1000)
        assert not path.exists()
    with h5py.File(path) as file:
        assert file["x"][:].tolist() == list(range(1000))
    assert os.listdir(tmp_path) == ["a.h5"]
    assert path.stat().st_size < 20_000, "the room that was reserved and not used is given back"


def test_what_was_there_stays_if_anything_goes_wrong(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(b"old")

    def fail():
        with WholeH5File(path) as whole:
            whole.file["x"] = np.arange(1000)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.h5"]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing tells who is alive without harm")
def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_stays(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f".a.{ended.pid}.partial.h5").write_bytes(b"left")
    living = tmp_path / f".a.{os.getppid()}.partial.h5"
    living.write_bytes(b"at work")
    with WholeH5File(tmp_path / "a.h5") as whole:
        whole.file["x"] = [1]
    assert sorted(os.listdir(tmp_path)) == sorted([living.name, "a.h5"])


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        WholeH5File(tmp_path / "nowhere" / "a.h5")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits of a POSIX system")
def test_a_disk_that_is_full_at_any_moment_is_an_error_and_leaves_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True True {'[Errno 27] File too large'}"
