"""OpenVINO without its converters.

To import them tells its makers of it, unasked: from a thread, and a process that this one is copied into, with its locks and
signal handlers, and that lives until it is answered (openvino 2026.4.1, ``openvino/tools/ovc``). They are of no use here, and
where they cannot be imported OpenVINO does without.
"""

from __future__ import annotations

from dss_widgets.network.tensorflow_setup import without

with without("openvino.tools.ovc"):
    import openvino
    from openvino import opset13 as ops

__all__ = ["openvino", "ops"]
