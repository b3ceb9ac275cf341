"""The image for Binder: what is run when it is built, and what a visitor finds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"


def test_the_package_is_named_so_that_the_whole_folder_is_copied_before_it_is_installed():
    """repo2docker sees only lines such as ``-e .`` as local; with a bare ``.`` it would install from an empty folder."""
    assert (BINDER / "requirements.txt").read_text(encoding="utf-8").split("\n")[0] == "-e ."


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_its_scripts_can_be_run(name):
    assert os.access(BINDER / name, os.X_OK)


@pytest.mark.slow
def test_the_demo_song_is_ready_and_visitors_are_confined_to_it(tmp_path):
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "dss-widgets"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m dss_widgets "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    env = {"HOME": str(tmp_path), "PATH": f"{command.parent}:{os.environ['PATH']}"}
    subprocess.run([BINDER / "postBuild"], cwd=ROOT, env=env, check=True, capture_output=True, timeout=300)
    assert list((tmp_path / "demo" / "bird_song").glob("*.wav"))
    assert list((tmp_path / "demo" / "fly_song").glob("*.wav"))

    said = subprocess.run([BINDER / "start", "env"], env=env, check=True, capture_output=True, text=True, timeout=60).stdout
    seen = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    assert seen["DSS_WIDGETS_ROOTS"] == str(tmp_path / "demo")
    assert Path(seen["DSS_WIDGETS_FOLDER"]).is_dir()
    assert (Path(seen["JUPYTER_CONFIG_PATH"]) / "jupyter_server_config.py").is_file()
