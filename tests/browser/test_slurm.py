"""The forms on a real Slurm: a job is queued, told of with its number and reason, stopped; others run to their end."""

import shutil

import pytest
from served import serve
from slurm_cluster import a_cluster
from story import choose_quick

PATIENCE = 300_000
"""Milliseconds for a job that trains."""

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


def test_a_job_waits_in_the_queue_and_is_stopped_and_assembling_training_and_a_sweep_run_on_nodes(cluster, link, visitor):
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

        page.locator(".dss-step-2").click()
        panel = page.locator(".dss-training-panel")
        choose_quick(page)
        panel.locator(".dss-advanced").click()
        panel.locator(".dss-field-epochs input").fill("1")
        panel.locator(".dss-start:not([disabled])").click()
        page.locator(".dss-run-card .dss-state-finished").wait_for(timeout=PATIENCE)

        page.locator(".dss-step-3").click()
        panel = page.locator(".dss-results-panel")
        panel.get_by_role("button", name="Which options do best?").click()
        tool = panel.locator(".dss-tool", has=page.locator(".dss-best-options-start"))
        assert not tool.locator(".dss-field-array_tasks").is_visible()
        ask_for_little(tool)
        tool.locator(".dss-field-array_tasks input").fill("2")
        tool.locator(".dss-vary select").first.select_option(label="Number of epochs")
        values = tool.locator(".dss-vary input").first
        values.fill("1, 2")
        values.press("Enter")
        tool.locator(".dss-best-options-start:not([disabled])").click()
        tool.locator(".dss-best-options-found", has_text="Best by validation").wait_for(timeout=PATIENCE)
        tool.locator(".dss-best-options-stop.dss-off").wait_for(state="attached", timeout=PATIENCE)
        assert tool.locator(".dss-sweep-table tbody tr").count() == 2
