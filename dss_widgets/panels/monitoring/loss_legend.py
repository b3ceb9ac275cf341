"""What a loss plot shows, in words: a legend beside the plot, never over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dss_widgets.panels.look.palette import SPLIT_COLOURS, run_style
from dss_widgets.panels.look.words import count, escape, swatch
from dss_widgets.panels.monitoring.curves import rate_steps
from dss_widgets.panels.monitoring.run_history import RunHistory

_MOST_STEPS = 3


def legend(history: RunHistory, others: Sequence[RunHistory] = ()) -> str:
    """Return colours, names and last values as a line over the plot, and one for the runs beside it."""
    train, val = SPLIT_COLOURS["train"], SPLIT_COLOURS["val"]
    best, best_loss = history.status.best_epoch, history.status.best_val_loss
    ring = (
        '<svg width="14" height="14" aria-hidden="true" style="vertical-align:-2px"><circle cx="7" cy="7" r="5" fill="none" '
        f'stroke="{val}" stroke-width="2.5"/></svg>'
    )
    told = f"<span>{ring} best: epoch <b>{best}</b>, {best_loss:.4g}</span>" if best and best_loss is not None else ""
    return (
        f'<div class="dss-legend"><span>{swatch(train, "training")} {_last(history.loss)}</span>'
        f"<span>{swatch(val, 'validation')} {_last(history.val_loss)}</span>{told}"
        f'<span class="dss-quiet">{escape(history.run.name)}</span></div>{_other_legend(others)}'
    )


def _last(losses: Sequence[float]) -> str:
    return f"<b>{losses[-1]:.4g}</b>" if losses and np.isfinite(losses[-1]) else "–"


def _other_legend(others: Sequence[RunHistory]) -> str:
    """Return the strokes and best validation losses of other runs."""
    parts = [
        f"<span>{_stroke(i)} {escape(other.run.name)} "
        f"<b>{'–' if other.status.best_val_loss is None else f'{other.status.best_val_loss:.4g}'}</b></span>"
        for i, other in enumerate(others)
    ]
    return (
        f'<div class="dss-legend"><span class="dss-quiet">best validation loss of</span>{"".join(parts)}</div>' if parts else ""
    )


def _stroke(number: int) -> str:
    colour, _, dashes = run_style(number)
    return (
        '<svg width="28" height="8" aria-hidden="true" style="vertical-align:1px"><line x1="0" y1="4" x2="28" y2="4" '
        f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/></svg>'
    )


def remarks(history: RunHistory) -> str:
    """Return what else there is to know: steps of the learning rate, and when training stops by itself; '' for nothing."""
    told = []
    status = history.status
    left = status.epochs_to_early_stop
    if status.state == "training" and left is not None and history.epochs:
        told.append(f"Stops early after {count(left, 'more epoch')} without a better validation loss.")
    steps = rate_steps(history.epochs, history.learning_rates)
    if steps:
        words = ", ".join(f"{after:.2g} from epoch {epoch}" for epoch, _, after in steps[-_MOST_STEPS:])
        earlier = f" ({len(steps) - _MOST_STEPS} earlier)" if len(steps) > _MOST_STEPS else ""
        told.append(f"Learning rate (dotted lines): {words}{earlier}.")
    elif history.learning_rates and np.isfinite(history.learning_rates[-1]):
        told.append(f"Learning rate {history.learning_rates[-1]:.2g}.")
    return f'<p class="dss-quiet dss-small">{escape(" ".join(told))}</p>' if told else ""
