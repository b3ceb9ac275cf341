"""Kill -9 while files are written, in real processes: nothing is lost, and a run that goes on ends as ever."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dss_widgets.file_endings import ENDINGS, NO_SONG_SUFFIX, ROUNDS_SUFFIX
from dss_widgets.network.trained import load_trained
from dss_widgets.options import save_options
from dss_widgets.results import read_results

TESTS = Path(__file__).parents[1]

AT_EVERY_MOMENT = """
import os, sys
from pathlib import Path
import numpy as np
from dss_widgets.network.checkpoint import CHECKPOINT, TrainingState, load_checkpoint, remove_leftovers, save_checkpoint
from dss_widgets.network.schedule import LearningRate
from every_moment import killed_at_every_moment

assert "tensorflow" not in sys.modules  # processes with its threads do not fork
folder = Path(sys.argv[1])
TOUCHING = ("open", "write", "flush", "close", "seek", "replace", "unlink", "__exit__")

def save(epoch):
    arrays = [np.full((300, 7), epoch, "f4"), np.array(epoch)]
    state = TrainingState(seed=1, epoch=epoch, history={"loss": [1.0] * epoch})
    save_checkpoint(folder, state, LearningRate(1e-3, None), weights=arrays, optimizer=arrays, best_weights=arrays)

def watch(moment):
    sys.setprofile(lambda frame, event, called: moment() if event == "c_call" and called.__name__ in TOUCHING else None)

def found():
    state, *groups = load_checkpoint(folder, LearningRate(1e-3, None))
    assert {int(array.flat[0]) for group in groups for array in group} == {state.epoch}, "parts of two checkpoints"
    assert len(state.history["loss"]) == state.epoch
    return state.epoch

epochs, leftovers = set(), 0
for number in killed_at_every_moment(lambda: save(2), watch, before=lambda: save(1)):
    epochs.add(found())
    leftovers += len(os.listdir(folder)) - 1
    remove_leftovers(folder, Path(CHECKPOINT).stem)  # what the next start does first
    assert os.listdir(folder) == [CHECKPOINT], f"leftovers of moment {number}"
    found()
print(number, leftovers, sorted(epochs))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_kill_9_at_any_moment_of_writing_leaves_the_last_checkpoint_or_the_new_one(tmp_path):
    command = [sys.executable, "-c", AT_EVERY_MOMENT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TESTS)
    assert done.returncode == 0, done.stderr
    moments, leftovers, epochs = done.stdout.split(maxsplit=2)
    assert int(moments) > 20
    assert int(leftovers) > 10, "most moments lie within writing"
    assert epochs.strip() == "[1, 2]"


UNTIL_A_MOMENT = """
import os, signal, sys
from pathlib import Path
from dss_widgets.network.tensorflow_setup import set_up_worker_process
set_up_worker_process()
from keras.src.saving import saving_lib
from dss_widgets.network.fit import fit
from dss_widgets.options import TrainingOptions, load_options

stem, options, moment = Path(sys.argv[1]), load_options(TrainingOptions, Path(sys.argv[2])), sys.argv[3]
saving_lib.is_memory_sufficient = lambda model: False  # so that Keras writes a file of its own, called tmp...

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def on_event(event):
    if getattr(event, "state", "") == moment:
        die()

def when_touched(event, args):
    if event == "os.rename" and str(args[1]).endswith(moment):
        die()
    if event == "open" and moment == "file of Keras's own":
        path = Path(os.fsdecode(args[0])) if isinstance(args[0], (str, bytes)) else Path()
        if stem.parent in path.parents and path.name.startswith("tmp") and path.exists():
            die()

if moment != "none":
    sys.addaudithook(when_touched)
fit(options, stem, run_folder=stem.with_suffix(".run"), on_event=on_event, should_stop=lambda: False, resume=True)
"""

MOMENTS = ("seed", "file of Keras's own", "_model.keras", "testing", "_results.h5", "none")


@pytest.mark.slow
def test_kill_9_after_the_last_epoch_loses_neither_the_network_nor_the_test(options, tmp_path):
    save_options(options.copy(seed=None, epochs=2), tmp_path / "options.yaml")
    stem = tmp_path / "out" / "killed"
    codes = []
    for moment in MOMENTS:
        command = [sys.executable, "-c", UNTIL_A_MOMENT, str(stem), str(tmp_path / "options.yaml"), moment]
        codes.append(subprocess.run(command, capture_output=True, check=False).returncode)
        if moment == "_model.keras":
            before = load_trained(stem).network.model.get_weights()
    assert codes == [-9] * (len(MOMENTS) - 1) + [0]
    for was, now in zip(before, load_trained(stem).network.model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)
    results = read_results(stem)
    assert results.scores.confusion_matrix.sum() == results.n_samples == 4000
    assert len(results.history["loss"]) == 2
    left = {f"killed{ending}" for ending in ENDINGS if ending not in (ROUNDS_SUFFIX, NO_SONG_SUFFIX)}
    assert {path.name for path in stem.parent.iterdir()} == left, "and nothing stray"
    assert {path.name for path in stem.with_suffix(".run").iterdir()} == {"checkpoint.npz", "seed"}
