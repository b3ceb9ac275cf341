"""Kill -9 at any moment of assembling loses nothing: every moment at which a file is touched is tried, in real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")]

TESTS = Path(__file__).parents[1]

AT_EVERY_MOMENT = """
import os, shutil, sys
from pathlib import Path
from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.assembly.destination import claimed
from dss_widgets.options import AssemblyOptions
from every_moment import killed_at_every_moment

place, is_there = Path(sys.argv[1]), sys.argv[2] == "old"
folder, store, kept = place / "data", place / "data.npy", place.parent / "kept"
TOUCHING = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.scandir", "shutil.rmtree", "os.truncate")

def contents():
    return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file()}

def plan(seed):
    return plan_splits(survey(folder), AssemblyOptions(data_folder=str(folder), seed=seed, individual_targets=seed == 1))

def put_old():
    shutil.rmtree(store, ignore_errors=True)
    if is_there:
        shutil.copytree(kept, store)

def watch(moment):
    def count(event, args):
        if event in TOUCHING and any(str(place) in str(arg) for arg in args):
            moment()
    sys.addaudithook(count)

assemble(plan(1))
old = contents()
shutil.move(store, kept)
new = plan(2)
assemble(new)
expected = contents()
seen_after = set()
for number in killed_at_every_moment(lambda: assemble(new, overwrite=True), watch, before=put_old):
    found = contents() if store.exists() else None
    assert found in (None, old, expected), f"half a dataset after moment {number}"
    with claimed(store):  # what the next attempt does first
        recovered = contents() if store.exists() else None
    assert recovered in ((old, expected) if is_there else (None, expected)), f"lost after moment {number}"
    assert sorted(os.listdir(place)) == ["data"] + ["data.npy"] * store.exists(), f"leftovers of moment {number}"
    seen_after.add("nothing" if found is None else "old" if found == old else "new")
print(number, sorted(seen_after))
"""


@pytest.mark.parametrize("there", ["old", "nothing"])
def test_kill_9_at_any_moment_leaves_the_old_dataset_the_new_one_or_none(folder, there):
    folder.many(2, seconds=2)
    command = [sys.executable, "-c", AT_EVERY_MOMENT, str(folder.path.parent), there]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TESTS)
    assert done.returncode == 0, done.stderr
    moments, seen = done.stdout.split(maxsplit=1)
    assert int(moments) > 30
    assert "new" in seen
    assert there in seen
