"""What a sweep tries: every combination of values, each looked at before anything starts."""

import pytest

from dss_widgets.errors import OptionsError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.sweep import SweepOptions


def wrong(tmp_path, **values):
    """Return the problems that are errors, as texts."""
    store = tmp_path / "a.npy"
    store.mkdir(exist_ok=True)
    return [str(problem) for problem in SweepOptions(store_folder=str(store), **values).problems() if problem.is_error]


def test_every_combination_is_tried_with_every_seed_and_else_as_the_training_says():
    options = SweepOptions(
        vary={"epochs": "10, 20, 10", "augmentations": "none; gain, noise"}, seeds=2, seed=7, batch_size=4, note="mine"
    )
    variants = options.variants()
    assert [(v.values["epochs"], v.values["augmentations"], v.repeat) for v in variants[:3]] == [
        (10, [], 0), (10, [], 1), (10, ["gain", "noise"], 0)
    ]  # fmt: skip
    assert len(variants) == 2 * 2 * 2
    training = options.training(variants[3], store_folder="a.npy")
    assert type(training) is TrainingOptions
    assert (training.epochs, training.augmentations, training.seed, training.batch_size) == (10, ["gain", "noise"], 8, 4)
    assert variants[2].shown() == {"epochs": "10", "augmentations": "gain, noise"}


def test_shares_of_the_data_are_judged_by_all_of_the_validation_data():
    options = SweepOptions(vary={"data_fraction": "0.25,1"})
    trainings = [options.training(variant) for variant in options.variants()]
    assert [(t.data_fraction, t.val_data_fraction) for t in trainings] == [(0.25, 1), (1, 1)]


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ({"epoch": "1,2"}, "epoch is not an option. Did you mean 'epochs'?"),
        ({"epochs": "1,many"}, "epochs must be a whole number, not 'many'."),
        ({"epochs": "0,2"}, "epochs must lie between 1 and 100000, not 0."),
        ({"seed": "1,2"}, "seed cannot be varied: say how many seeds there are to be (--seeds)."),
        ({"epochs": "3"}, "holds one network alone."),
        ({"epochs": ",".join(map(str, range(1, 1002)))}, "makes 1,001 trainings."),
        ({"data_fraction": "0,1"}, "data fraction 0: data_fraction: must be above 0"),
    ],
)
def test_what_cannot_be_tried_is_told_at_once(vary, told, tmp_path):
    (problem,) = wrong(tmp_path, vary=vary)
    assert problem.startswith(f"vary: {told}")


def test_all_wrong_values_are_told_together(tmp_path):
    options = SweepOptions(vary={"epochs": "x", "batch_size": "y"})
    with pytest.raises(OptionsError) as caught:
        options.variants()
    assert len(caught.value.problems) == 2
    assert not wrong(tmp_path, folds=3), "folds alone are several networks"


@pytest.mark.parametrize("name", ["devices", "nodes"])
def test_each_training_is_for_one_process(name, tmp_path):
    assert wrong(tmp_path, seeds=2, array_tasks=3) == []
    assert wrong(tmp_path, seeds=2, **{name: 2}) == [
        f"{name}: is for one training alone. Leave it at 1, and train several at once."
    ]  # fmt: skip
