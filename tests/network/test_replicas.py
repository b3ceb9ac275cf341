"""Processes that train together, as they meet and part."""

import ast
import subprocess
import sys

import pytest

PROCESS = """
import sys
from pathlib import Path
from dss_widgets.network.tensorflow_setup import set_up_worker_process
set_up_worker_process(2)
import tensorflow as tf
from dss_widgets.errors import DssWidgetsError, DataError
from dss_widgets.network import replicas
folder, index = Path(sys.argv[1]), int(sys.argv[2])
replicas.most_parts = lambda: 1 + 2 * index  # as if their cores were unlike
try:
    with replicas.rendezvous(folder, index, 2, host="127.0.0.1") as replica:
        slices = [replica.own(n_chunks) for n_chunks in range(1, 20)]
        print([(own.start, own.stop) for own in slices])
        if index == 1:
            raise DataError("song.npy: cannot be read. See that its disk is there.")
        while True:
            replica.total(tf.zeros(3))
except DssWidgetsError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What each of two processes printed, of which the second finds that it cannot go on."""
    folder = tmp_path_factory.mktemp("meeting")
    commands = [[sys.executable, "-c", PROCESS, str(folder), str(index)] for index in (0, 1)]
    processes = [subprocess.Popen(command, stdout=-1, stderr=-1, text=True) for command in commands]
    return [process.communicate(timeout=120)[0].splitlines() for process in processes]


@pytest.mark.slow
def test_each_chunk_of_a_batch_is_one_processs_own_also_where_their_cores_are_unlike(printed):
    slices = [ast.literal_eval(lines[0]) for lines in printed]
    for n_chunks, own in enumerate(zip(*slices, strict=True), start=1):
        assert sorted(chunk for start, stop in own for chunk in range(start, stop)) == list(range(n_chunks))


@pytest.mark.slow
def test_why_one_of_them_ended_is_told_by_the_others(printed):
    assert printed[1][1:] == ["DataError song.npy: cannot be read. See that its disk is there."]
    assert printed[0][1:] == ["RunError song.npy: cannot be read. See that its disk is there."]
