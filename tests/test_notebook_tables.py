"""In a notebook, surveys, plans, datasets and results show themselves in a line and a table, not as all that they hold."""

import numpy as np
import pytest

from dss_widgets.dataset import assemble, from_arrays, open_dataset, plan_splits
from dss_widgets.notebook_tables import seconds_words, table_html
from dss_widgets.options import AssemblyOptions
from dss_widgets.results.results_file import ResultsWriter, read_results
from dss_widgets.results.scores import Scores


@pytest.fixture
def shown(tmp_path):
    """One of each, of song whose types have names that could act as markup."""
    rng = np.random.default_rng(1)
    song = [("<b>a</b>", 0.5 * i, 0.5 * i + 0.2) for i in range(10)]
    survey = from_arrays({f"r{i}": (rng.normal(size=5000), 1000, song) for i in range(3)})
    options = AssemblyOptions(store_folder=str(tmp_path / "song.npy"), seed=1)
    plan = plan_splits(survey, options)
    dataset = open_dataset(assemble(plan))
    path = tmp_path / "x_results.h5"
    with ResultsWriter(path, ["noise", "<b>a</b>"], params={}, history={}) as writer:
        writer.finish(Scores.of(["noise", "<b>a</b>"], np.array([[8, 2], [0, 10]])))
    return survey, plan, dataset, read_results(path)


def test_each_is_one_short_line(shown):
    survey, plan, dataset, results = map(repr, shown)
    assert all(len(line) < 200 and "\n" not in line for line in (survey, plan, dataset, results))
    assert "3 recordings, 15.0 s, 30 annotations of 1 song type" in survey
    assert "train 9.0 s, validation 3.0 s, test 3.0 s" in plan
    assert "song.npy: 1000 Hz, train 9.0 s" in dataset
    assert "macro F1 0.8" in results


def test_each_is_a_table_in_which_no_name_acts_as_markup(shown):
    for html in (part._repr_html_() for part in shown):
        assert html.count("<table>") == 1
        assert "&lt;b&gt;a&lt;/b&gt;" in html
        assert "<b>a</b>" not in html


def test_many_notes_are_cut():
    assert "and 5 more" in table_html("t", ["a"], [[1]], range(15))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (0.05, "0.05 s"), (12.34, "12.3 s"), (600, "10 min"), (3720, "1 h 02 min")]
)
def test_durations_are_read_at_a_glance(seconds, words):
    assert seconds_words(seconds) == words
