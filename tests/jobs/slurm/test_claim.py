"""Of two attempts at one job only the later one goes on."""

import subprocess
import sys

from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.claim import SUPERSEDED
from dss_widgets.jobs.slurm.note import read_json

EARLIER = """
import sys
from pathlib import Path
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.claim import Claim
from dss_widgets.jobs.slurm.note import write_json

files = JobFolder(Path(sys.argv[1]))
claim = Claim(files, "token")
claim.take(may_live=False)
write_json(files.worker, {"claim": "the later one's"})  # as another node's does
claim.tell(came_further=True)
"""


def test_the_earlier_one_that_is_warned_leaves_the_claim_of_the_later_alone(tmp_path):
    ended = subprocess.run([sys.executable, "-c", EARLIER, str(tmp_path)], check=False, timeout=60)
    assert read_json(JobFolder(tmp_path).worker) == {"claim": "the later one's"}
    assert ended.returncode == SUPERSEDED
