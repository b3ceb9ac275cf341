"""Annotations of recordings, however many, made of a network's probabilities."""

from __future__ import annotations

from dss_widgets.network.annotate import annotate
from dss_widgets.network.many import predict
from dss_widgets.network.probabilities import probabilities

__all__ = ["annotate", "predict", "probabilities"]
