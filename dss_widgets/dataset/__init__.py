"""From annotated recordings to a dataset folder, and back.

``survey`` (what is there, what is wrong) -> ``plan_splits`` (which stretch goes where; writes nothing) -> ``assemble``.
"""

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.formats import register_annotation_format
from dss_widgets.dataset.annotations.table import read_annotations, write_annotations
from dss_widgets.dataset.assembly.assemble import Progress, assemble, is_unchanged
from dss_widgets.dataset.checks.audio import check_audio
from dss_widgets.dataset.checks.problem_table import write_problems
from dss_widgets.dataset.counts import write_counts
from dss_widgets.dataset.export import export_annotations
from dss_widgets.dataset.recordings.opening import Recording, open_recording, register_recording_format
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch, plan_splits
from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.dataset.suited import suited_options
from dss_widgets.dataset.survey import Survey, from_arrays, survey

__all__ = [
    "Annotations",
    "Dataset",
    "Progress",
    "Recording",
    "Split",
    "SplitPlan",
    "Stretch",
    "Survey",
    "assemble",
    "check_audio",
    "export_annotations",
    "from_arrays",
    "is_unchanged",
    "open_dataset",
    "open_recording",
    "plan_splits",
    "read_annotations",
    "register_annotation_format",
    "register_recording_format",
    "suited_options",
    "survey",
    "write_annotations",
    "write_counts",
    "write_problems",
]
