"""From annotated recordings of animal song to a trained DeepSS/DAS network, in Jupyter.

The rooms, in the order in which data flows: :mod:`~dss_widgets.options` (what can be chosen),
:mod:`~dss_widgets.dataset` (annotated recordings to a dataset folder), :mod:`~dss_widgets.results` (scores and the files
that training leaves), :mod:`~dss_widgets.network` (the only one with tensorflow, which trains, and openvino, which
computes what was trained), :mod:`~dss_widgets.jobs` (work in processes of its own) and :mod:`~dss_widgets.panels`
(what is seen and filled in).
"""

__version__ = "0.2.0"
