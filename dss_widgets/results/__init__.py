"""Scores and the files that training leaves: all that can be read without tensorflow."""

from dss_widgets.results.labels import Labeller, LabellingRules, labels_from_probabilities
from dss_widgets.results.params_file import read_params, write_params
from dss_widgets.results.results_file import Results, ResultsWriter, read_results
from dss_widgets.results.scores import Scores, confusion_matrix

__all__ = [
    "Labeller",
    "LabellingRules",
    "Results",
    "ResultsWriter",
    "Scores",
    "confusion_matrix",
    "labels_from_probabilities",
    "read_params",
    "read_results",
    "write_params",
]
