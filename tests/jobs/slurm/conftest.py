"""Trainings that go on for long enough to be cut short by Slurm."""

import pytest

from dss_widgets.options import PRESETS
from tests.jobs.conftest import SMALL


@pytest.fixture(scope="session")
def quick(quick):
    """Make the options of a short training, whose epochs last until Slurm has noticed what it is told."""
    larger = {name: PRESETS["quick"].options[name] for name in SMALL}
    return lambda save_folder, epochs=2: quick(save_folder, epochs).copy(**larger)
