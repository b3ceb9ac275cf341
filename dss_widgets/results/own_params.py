"""What this program keeps in a network's params beside DAS's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OWN = "dss_widgets"
"""Key that only networks of this program have: what it stands for tells them from DAS's."""


def own_value(params: Mapping[str, Any], name: str) -> Any:
    """Return what is kept under a name; None where there is nothing."""
    own = params.get(_OWN)
    return own.get(name) if isinstance(own, Mapping) else params.get(f"{_OWN}_{name}")


def with_own_value(params: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return params with something kept under a name, or, for None, nothing.

    A network of DAS gets a key of its own for it, so that it still counts as one of DAS.
    """
    own = params.get(_OWN)
    if isinstance(own, Mapping):
        return {**params, _OWN: _with(own, name, value)}
    return _with(params, f"{_OWN}_{name}", value)


def _with(values: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    left = {name: kept for name, kept in values.items() if name != key}
    return left if value is None else {**left, key: value}
