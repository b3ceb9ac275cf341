"""Which options do best? Off with its reason, done by a job, told as it comes, and the best network a press away."""

from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.panels import ResultsPanel
from dss_widgets.results.training_sweep import SweepResult, Swept, write_sweep


def come_to(job, *scores, total=4):
    """Let a sweep have come to networks with these validation scores, by their epochs."""
    folder = job.job.folder.with_suffix("")
    folder.mkdir(exist_ok=True)
    found = tuple(
        Swept(f"{folder}/{folder.name}_{i}", {"epochs": epochs, "note": "<b>"}, 0, scores={"validation_f1": s, "macro_f1": 0.5})
        for i, (epochs, s) in enumerate(scores)
    )
    write_sweep(folder, SweepResult(found, total))
    job.tell(OutcomeTold(values={"folder": str(folder), "done": len(found), "total": total}))
    return found


def test_it_is_off_until_there_are_values_that_can_be(panel, pretended_jobs):
    tool = panel.best_options
    assert tool.blockers[0].startswith("Choose an option and give it several values")
    tool.names[0].value, tool.values[0].value = "epochs", "10, many"
    assert tool.blockers == ("epochs must be a whole number, not 'many'.",)
    tool.begin()
    assert not pretended_jobs
    tool.values[0].value = "10, 20"
    tool.form.fields["seeds"].widget.value = "2"
    assert not tool.blockers
    assert "Trains 4 networks" in tool.body.children[0].value


def test_it_trains_like_the_run_tells_what_came_so_far_and_gives_its_best_network(panel, pretended_jobs):
    tool = panel.best_options
    tool.names[0].value, tool.values[0].value = "epochs", "10, 20"
    assert tool.values[0].placeholder == f"now {panel.options.epochs}"
    tool.begin()
    (job,) = pretended_jobs
    asked = job.job.options()
    assert (job.job.kind.name, asked.vary, asked.store_folder) == ("sweep", {"epochs": "10, 20"}, panel.options.store_folder)
    assert job.job.folder.parent == panel.run.folder.parent
    job.tell(StateChanged(state="working"))
    come_to(job, ("20", 0.8))
    tool.tick()
    assert "Best by validation: number of epochs 20" in tool.body.children[-3].value
    found = come_to(job, ("20", 0.8), ("10", 0.9))
    job.tell(StateChanged(state="finished"))
    job.end()
    tool.tick()
    words, table = tool.body.children[-3].value, tool.body.children[-1].value
    assert "Best by validation: number of epochs 10" in words
    assert words.count("<polyline") == 2
    assert "<b>" not in words + table
    assert table.index(">10<") < table.index(">20<")
    tool.sorting.value = "epochs"
    assert tool.body.children[-1].value.count('class="dss-best"') == 1
    again = ResultsPanel(panel.run).best_options
    assert again.result == tool.result, "and found again by who comes later"
    assert (again.names[0].value, again.values[0].value, again.blockers) == ("epochs", "10, 20", ())
    assert again.options == tool.options, "so that one that was stopped is gone on with"
    tool.use.click()
    assert str(panel.run.stem) == found[1].stem, "the best one, though another was the best when it was offered first"
    assert tool.result is not None, "the sweep that a network belongs to is found from the network"
    assert tool.options.save_folder == asked.save_folder
