"""How well does it do on an animal it never heard? Off with its reason, done by a job, shown as a table and in words."""

from dataclasses import asdict

from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.panels import ResultsPanel
from dss_widgets.results.cross_validation import Fold

FOLDS = [
    Fold(("bird-A",), 2, 20.0, {"macro_f1": 0.95, "segment_f1": 0.9}),
    Fold(("<b>B",), 2, 20.0, {"macro_f1": 0.85, "segment_f1": 0.8}),
]


def test_it_knows_the_recordings_beside_the_dataset(panel, bird):
    assert panel.new_animals.field.value == str(bird)
    assert panel.new_animals.options.like == str(panel.run.stem)
    assert not panel.new_animals.blockers
    assert "each without some of the animals" in panel.new_animals.body.children[0].value


def test_without_a_folder_it_is_off_with_its_reason(panel, pretended_jobs, tmp_path):
    tool = panel.new_animals
    tool.field.value = str(tmp_path / "nowhere")
    assert tool.blockers == ("Choose the folder of the annotated recordings.",)
    tool.begin()
    assert not pretended_jobs


def test_a_press_starts_the_job_and_its_end_is_told_animal_by_animal(panel, pretended_jobs, bird):
    tool = panel.new_animals
    tool.form.fields["epochs"].widget.value = "3"
    tool.begin()
    (job,) = pretended_jobs
    options = job.job.options()
    assert job.job.kind.name == "cross_validate"
    assert (options.data_folder, options.like, options.epochs) == (str(bird), str(panel.run.stem), 3)
    job.tell(OutcomeTold(values={"folds": [asdict(fold) for fold in FOLDS], "ended": True}), StateChanged(state="finished"))
    job.end()
    tool.tick()
    told = tool.body.children[-1].value
    assert "On an animal that it never heard, macro F1 is 0.900 at the mean of 2 networks" in told
    assert "&lt;b&gt;B" in told
    assert "<b>B" not in told
    assert "0.850" in told
    assert ResultsPanel(panel.run).new_animals.found == tool.found, "and found again by who comes later"
