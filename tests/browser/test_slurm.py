"""The forms on a real Slurm: a job is queued, told of with its number and reason, stopped; another runs to its end."""

import shutil

import pytest
from served import serve
from slurm_cluster import a_cluster

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cluster(tmp_path):
    with a_cluster(tmp_path / "slurm") as running:
        yield running


@pytest.fixture
def link(cluster, trained, tmp_path):
    """A dashboard's server beside the cluster, on a dataset and recordings of one's own."""
    root = tmp_path / "root"
    shutil.copytree(trained.store, root / "song.npy")
    shutil.copytree(trained.new, root / "new_song")
    with serve("serve", "dashboard", "--root", str(root)) as server:
        yield f"{server.link}&store={root / 'song.npy'}&folder={root / 'new_song'}"


def ask_for_little(panel):
    panel.locator(".dss-field-on select").select_option(label="Slurm")
    panel.locator(".dss-field-partition", has_text="debug: 2 nodes of 1 CPU").wait_for()
    for name, value in {"cpus": "1", "memory_gb": "1", "time_limit": "20"}.items():
        panel.locator(f".dss-field-{name} input").fill(value)


def test_a_training_waits_in_the_queue_and_is_stopped_and_a_dataset_is_assembled_on_a_node(cluster, link, visitor):
    held = [cluster.run("sbatch", "--parsable", "--output=/dev/null", "--wrap=sleep 600") for _ in range(2)]
    with visitor() as page:
        page.goto(link)
        page.locator(".dss-step-2").click()
        panel = page.locator(".dss-training-panel")
        panel.locator(".dss-start:not([disabled])").wait_for()
        assert not panel.locator(".dss-field-cpus").is_visible()
        ask_for_little(panel)
        panel.locator(".dss-field-environment input").fill("touch /tmp/x")
        panel.locator(".dss-field-environment", has_text="not yours to choose on this server").wait_for()
        panel.locator(".dss-field-environment input").fill("")
        panel.locator(".dss-start:not([disabled])").click()
        card = panel.locator(".dss-run-card")
        card.get_by_text("It waits").wait_for()
        assert "Slurm job" in card.inner_text()
        card.locator(".dss-stop").click()
        card.locator(".dss-state-stopped").wait_for()
        cluster.run("scancel", *held)

        page.locator(".dss-step-1").click()
        panel = page.locator(".dss-assembly-panel")
        ask_for_little(panel)
        panel.locator(".dss-assemble:not([disabled])").click()
        panel.get_by_text("✓ Assembled").wait_for()
