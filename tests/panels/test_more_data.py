"""How much more must I annotate? Off with its reason, done by a job, found again, shown in words and a picture."""

from dataclasses import asdict

from dss_widgets.events import OutcomeTold, Progressed, StateChanged
from dss_widgets.panels import ResultsPanel
from dss_widgets.results.learning_curve import Point


def points(amounts=4, repeats=2):
    return [
        asdict(Point(2.0**-k, 60 * 2.0**-k, repeat, 1 - 0.1 * 2 ** (k / 2) - 0.002 * repeat))
        for repeat in range(repeats)
        for k in range(amounts)
    ]


def test_it_is_off_with_its_reason_until_it_can_be_done(pretend):
    tool = ResultsPanel().more_data
    assert tool.blockers == ("Choose a run first.",)
    run = pretend()
    tool.run = run.run
    assert tool.blockers == ("The run has not ended yet.",)
    run.end()
    tool.refresh()
    assert "no network" in tool.blockers[0]
    tool.begin()
    assert tool.watch.job is None


def test_a_press_starts_the_job_and_its_end_is_told_in_words_and_a_picture(panel, pretended_jobs):
    tool = panel.more_data
    assert "Trains 7 networks" in tool._about.value
    tool.form.fields["repeats"].widget.value = "1"
    assert "Trains 3 networks" in tool._about.value
    tool.form.fields["repeats"].widget.value = "2"
    tool.form.fields["target"].widget.value = "0.95"
    tool.begin()
    (job,) = pretended_jobs
    assert job.job.kind.name == "curve"
    assert job.job.options().target == 0.95
    assert tool.working
    assert tool.start.disabled
    job.tell(StateChanged(state="training"), Progressed(done=3, total=8, doing="network 4 of 8"))
    tool.tick()
    assert "38%" in tool._progress.value
    job.tell(OutcomeTold(values={"points": points()}), StateChanged(state="finished"))
    job.end()
    tool.tick()
    told = tool._found.value
    assert "with twice as much it is likely 0.9" in told
    assert "To reach 0.95" in told
    assert told.count("<circle") == 8
    assert 'role="img"' in told
    assert not tool.start.disabled
    again = ResultsPanel(panel.run)
    assert again.more_data.curve == tool.curve, "and found again by who comes later"


def test_what_was_stopped_can_be_gone_on_with(panel, pretended_jobs):
    tool = panel.more_data
    tool.begin()
    (job,) = pretended_jobs
    job.tell(OutcomeTold(values={"points": points()[:2]}), StateChanged(state="stopped"))
    job.drop_lock()
    tool.tick()
    assert "count when you go on" in tool._progress.value
    assert not tool.start.disabled


def test_a_field_that_cannot_be_read_keeps_it_off(panel, pretended_jobs):
    tool = panel.more_data
    tool.form.fields["amounts"].widget.value = "two"
    assert tool.start.disabled
    tool.begin()
    assert not pretended_jobs
