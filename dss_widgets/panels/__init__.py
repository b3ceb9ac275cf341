"""What is seen and filled in: ipywidgets panels over options, plans and runs.

Every panel stands alone in a notebook cell and composes with the others by its traits.
"""

from dss_widgets.panels.annotation.panel import AnnotationPanel
from dss_widgets.panels.assembly.panel import AssemblyPanel
from dss_widgets.panels.assembly.split_preview import SplitPreview
from dss_widgets.panels.dashboard import Dashboard
from dss_widgets.panels.datasets.panel import DatasetPanel
from dss_widgets.panels.learning.panel import LearningPanel
from dss_widgets.panels.monitor import Monitor
from dss_widgets.panels.monitoring.loss_curves import LossCurves
from dss_widgets.panels.monitoring.run_monitor import RunMonitor
from dss_widgets.panels.page_request import PageRequest, this_request
from dss_widgets.panels.prediction.panel import PredictPanel
from dss_widgets.panels.results.panel import ResultsPanel
from dss_widgets.panels.training.panel import TrainingPanel

__all__ = [
    "AnnotationPanel",
    "AssemblyPanel",
    "Dashboard",
    "DatasetPanel",
    "LearningPanel",
    "LossCurves",
    "Monitor",
    "PageRequest",
    "PredictPanel",
    "ResultsPanel",
    "RunMonitor",
    "SplitPreview",
    "TrainingPanel",
    "this_request",
]
