"""Ctrl-C at any moment ends with one line, also while libraries are imported; being told to end leaves nothing half-written."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs signals")

PRESSED_WHILE_IMPORTING = """
import os, signal, sys
module, swallows = sys.argv.pop(1), sys.argv.pop(1) == "swallows"

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                if swallows:
                    raise ImportError("initialization failed") from None
                raise

from dss_widgets.cli import main
sys.meta_path.insert(0, Press())
sys.exit(main())
"""


@pytest.mark.parametrize("kind", ["passes", "swallows"])
@pytest.mark.parametrize(
    "module", ["numpy", "traitlets", "h5py", "soundfile", "dss_widgets.cli.data", "dss_widgets.cli.serving"]
)
def test_ctrl_c_while_importing_ends_with_one_line(module, kind):
    done = subprocess.run(
        [sys.executable, "-c", PRESSED_WHILE_IMPORTING, module, kind, "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


TOLD_TO_END_WHILE_WRITING = """
import os, sys
import soundfile
from dss_widgets.cli import main

write = soundfile.SoundFile.write

def write_and_be_told(self, values):
    write(self, values)
    os.kill(os.getpid(), int(sys.argv[1]))

soundfile.SoundFile.write = write_and_be_told
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_is_told_to_end_while_it_writes_leaves_nothing_half_written(tmp_path, number):
    done = subprocess.run(
        [sys.executable, "-c", TOLD_TO_END_WHILE_WRITING, str(int(number)), "song", str(tmp_path), "--seconds", "4"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 128 + number
    assert "Traceback" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["bird-A_01_annotations.csv", "bird-A_01_definitions.csv"], "and no audio"
