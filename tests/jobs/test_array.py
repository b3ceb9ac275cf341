"""What an array of Slurm is asked for comes from the job's folder, and is looked at again."""

import pytest

from dss_widgets.errors import OptionsError
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.array import array_of
from dss_widgets.jobs.slurm.note import Note


def test_commands_that_were_written_into_a_jobs_folder_since_are_not_run(tmp_path, monkeypatch):
    files = JobFolder(tmp_path)
    Note("word", place={"on": "slurm", "environment": "touch /tmp/somewhere"}).write(files)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path))
    with pytest.raises(OptionsError, match="environment"), array_of(1, files, [], {}, "/", processes=1, on_notice=print):
        raise AssertionError("it began")
    assert not files.array_script.exists()
