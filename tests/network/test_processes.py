"""An executor of processes in which one that dies takes only its own task with it."""

import operator
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor

import psutil
import pytest

from dss_widgets.errors import Cancelled
from dss_widgets.machine import n_cores
from dss_widgets.network.processes import ProcessDiedError, Processes
from dss_widgets.network.remote_process import WORD, Answering

PAUSE = threading.Event()
NOTHING = int
"""Prepares nothing: what is prepared here does not need TensorFlow."""


@pytest.fixture(scope="module")
def processes():
    with Processes(2, prepare=NOTHING) as executor:
        yield executor


def test_work_is_done_elsewhere_and_what_goes_wrong_comes_back(processes):
    assert list(processes.map(operator.add, range(20), range(20))) == [2 * i for i in range(20)]
    assert processes.submit(os.getpid).result() != os.getpid()
    with pytest.raises(ValueError, match="invalid literal"):
        processes.submit(int, "no number").result()


def test_a_process_that_is_killed_fails_its_own_task_and_another_takes_its_place(processes):
    killed = [processes.submit(signal.raise_signal, signal.SIGKILL) for _ in range(3)]
    others = [processes.submit(operator.neg, i) for i in range(10)]
    assert [other.result() for other in others] == [-i for i in range(10)]
    for future in killed:
        with pytest.raises(ProcessDiedError, match="SIGKILL"):
            future.result()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes keep to cores where the system lets them")
@pytest.mark.skipif(n_cores() % 2 == 1, reason="takes cores that two can share evenly")
def test_each_keeps_to_cores_of_its_own_and_so_does_one_that_takes_its_place(processes):
    allowed = os.sched_getaffinity(0)
    killed = processes.submit(signal.raise_signal, signal.SIGKILL)
    with pytest.raises(ProcessDiedError):
        killed.result()
    found, end = set(), time.monotonic() + 60
    while len(found) < 2:
        assert time.monotonic() < end, found
        found |= {frozenset(cores) for cores in processes.map(os.sched_getaffinity, [0] * 20)}
    assert frozenset.union(*found) == allowed
    assert not frozenset.intersection(*found)
    assert os.sched_getaffinity(0) == allowed, "this one runs where it ran"


def test_a_process_that_has_done_its_share_is_replaced():
    with Processes(1, prepare=NOTHING, most_tasks=2) as executor:
        numbers = [executor.submit(os.getpid).result() for _ in range(5)]
        assert len(set(numbers)) == 3
        assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
        assert not psutil.pid_exists(numbers[0])


UNTIL_STOPPED = """
import time
from dss_widgets.network.task_process import is_to_stop, tell
tell("begun")
while not is_to_stop():
    time.sleep(0.001)
"""

ENDED_BY_THE_SYSTEM = """
import os, signal
from dss_widgets.network.task_process import is_to_stop
os.kill(os.getpid(), signal.SIGTERM)
assert is_to_stop()
"""


def test_a_task_hears_of_a_wish_to_stop_and_none_begins_after_it():
    with Processes(1, prepare=NOTHING) as executor:
        running = executor.submit(exec, UNTIL_STOPPED)
        while "begun" not in list(executor.told.values()):
            PAUSE.wait(0.01)
        executor.stop()
        assert running.result() is None
        with pytest.raises(Cancelled):
            executor.submit(os.getpid).result()


def test_a_process_that_the_system_ends_comes_to_the_end_of_its_task_and_another_takes_its_place():
    with Processes(1, prepare=NOTHING) as executor:
        first = executor.submit(os.getpid).result()
        executor.submit(exec, ENDED_BY_THE_SYSTEM).result()
        second = executor.submit(os.getpid).result()
        assert second != first
        os.kill(second, signal.SIGTERM)
        psutil.wait_procs([psutil.Process(second)], timeout=180)
        assert executor.submit(os.getpid).result() != second, "no task is lost where none was being done"


def test_where_no_process_can_be_prepared_it_says_so_and_tries_no_more():
    with Processes(1, prepare=sys.exit) as executor:
        for _ in range(3):
            with pytest.raises(ProcessDiedError, match="exit code 1"):
                executor.submit(os.getpid).result()
        with pytest.raises(BrokenExecutor, match=r"no process can be started \(exit code 1\)"):
            executor.submit(os.getpid)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such end")
def test_processes_end_with_the_one_that_started_them_however_that_ends():
    code = (
        "import os, signal\nfrom dss_widgets.network.processes import Processes\n"
        "if __name__ == '__main__':\n"
        "    executor = Processes(1, prepare=int)\n"
        "    print(executor.submit(os.getpid).result(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    end = time.monotonic() + 180
    while psutil.pid_exists(int(ended.stdout)) and psutil.Process(int(ended.stdout)).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end, "it goes on for nobody"
        PAUSE.wait(0.01)


@pytest.fixture
def joined():
    """An executor without processes of its own, and what answers those that join it."""
    with Processes(0, prepare=NOTHING) as executor, Answering(executor.join) as answering:
        yield executor, answering


def call(answering, word=None):
    """Start a process that calls; it sets nothing up."""
    code = (
        "import sys; from dss_widgets.network import remote_process as r; r.set_up_inference = int; "
        f"r.os.execv = lambda *_: None; sys.argv[1:] = ['127.0.0.1', '{answering.port}', '1']; sys.exit(r.main())"
    )
    environment = {**os.environ, WORD: word or answering.word}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_a_process_that_knows_the_word_joins_and_another_takes_the_place_of_one_that_is_gone(joined):
    executor, answering = joined
    task = executor.submit(os.getpid)
    with call(answering) as first:
        assert task.result() == first.pid
        assert executor.n == 1
        first.kill()
    task = executor.submit(os.getpid)
    with call(answering) as second:
        assert task.result() == second.pid
        killed = executor.submit(signal.raise_signal, signal.SIGKILL)
        with pytest.raises(ProcessDiedError, match="cannot be reached any more"):
            killed.result()
    with call(answering) as third:
        assert executor.submit(os.getpid).result() == third.pid
        executor.shutdown()
        assert third.wait() == 0


def test_whoever_does_not_know_the_word_joins_nothing_and_holds_up_nobody(joined):
    executor, answering = joined
    with socket.create_connection(("127.0.0.1", answering.port)), call(answering, "guessed") as guessing:
        assert "Nobody on 127.0.0.1 has anything to be done" in guessing.communicate()[0]
        with call(answering) as knowing:
            assert executor.submit(os.getpid).result() == knowing.pid
            executor.shutdown()
    answering.close()
    with call(answering) as late:
        assert late.wait() == 0


def test_a_line_to_a_machine_that_is_gone_is_noticed_by_the_system():
    lines = queue.SimpleQueue()
    with Answering(lambda line, _where: lines.put(line)) as answering, call(answering) as calling:
        line = lines.get(timeout=180)
        with socket.socket(fileno=os.dup(line.fileno())) as end:
            assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        line.close()
        assert calling.wait() == 0
