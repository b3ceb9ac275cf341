"""Loss curves: training and validation loss of a run while it trains, and after, with the recall of every song type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from ipywidgets import HTML, Box, Dropdown, ToggleButtons, VBox

from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.forms.code import ShowCode, run_code
from dss_widgets.panels.monitoring.loss_plot import LossPlot, has_points, rate_steps, thinned
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.run_history import RunFollower, RunHistory, options_of
from dss_widgets.panels.style.palette import NOISE, SPLIT_COLOURS, run_style, song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.style.words import count, escape, swatch

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
        f'<span class="dss-muted">{escape(history.run.name)}</span></div>{_other_legend(others)}'
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
        f'<div class="dss-legend"><span class="dss-muted">best validation loss of</span>{"".join(parts)}</div>' if parts else ""
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
    return f'<p class="dss-muted dss-small">{escape(" ".join(told))}</p>' if told else ""


_WIDTH, _HEIGHT = 120, 40
_POINTS = 150
_PATIENCE = 3
"""Epochs in a row after which a song type that is not found is told."""


def recall_plots(history: RunHistory) -> str:
    """Return one small plot a song type as HTML; '' before the first epoch."""
    names = [str(name) for name in (history.began and history.began.classes) or ["noise", *history.recalls]]
    told = [name for name in names if name != NOISE and history.recalls.get(name)]
    if not told or not history.epochs:
        return ""
    colours = song_colours(names)
    kept = history.status.best_epoch if history.status.best_epoch in history.epochs else history.epochs[-1]
    cells = "".join(_plot(name, history.epochs, history.recalls[name], colours[name], kept) for name in told)
    return (
        f'<div class="dss-plot-title">Validation recall <span class="dss-muted">share of each song type that is found; '
        f'the number is of epoch {kept}, which is kept</span></div><div class="dss-recalls">{cells}</div>'
    )


def _plot(name: str, epochs: list[int], recalls: list[float], colour: str, kept: int) -> str:
    """Return the recall of a song type as a small plot, with its value at the epoch whose network is kept."""
    x, y = thinned(epochs[-len(recalls) :], recalls, _POINTS)
    of_kept = dict(zip(epochs[-len(recalls) :], recalls, strict=True)).get(kept, float("nan"))
    last = float(y[-1]) if len(y) else float("nan")
    missing = len(recalls) >= _PATIENCE and not np.nan_to_num(np.asarray(recalls[-_PATIENCE:], dtype=float)).any()
    words = "not found" if missing else ("–" if np.isnan(of_kept) else f"{of_kept:.0%}")
    span = max(1.0, float(epochs[-1] - epochs[0]))
    points = " ".join(
        f"{(a - epochs[0]) / span * _WIDTH:.1f},{(1 - b) * _HEIGHT:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    if len(x) == 1:
        points = f"0,{(1 - last) * _HEIGHT:.1f} {points or ''} {_WIDTH},{(1 - last) * _HEIGHT:.1f}"
    across = (kept - epochs[0]) / span * _WIDTH
    marked = f'<line x1="{across:.1f}" x2="{across:.1f}" y1="0" y2="{_HEIGHT}" stroke="currentColor" stroke-opacity="0.5"'
    marked += ' stroke-dasharray="2 2" vector-effect="non-scaling-stroke"/>'
    kind = "dss-recall dss-missing" if missing else "dss-recall"
    return (
        f'<figure class="{kind}" title="{escape(name)}">'
        f"<figcaption><span>{swatch(colour, name)}</span> <b>{words}</b></figcaption>"
        f'<svg viewBox="0 -1 {_WIDTH} {_HEIGHT + 2}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(name)}: recall {words} in epoch {kept}">'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        f"{marked}</svg></figure>"
    )


SMOOTHING = {"off": 0.0, "a little": 0.6, "a lot": 0.9}
"""Weights of the running mean by words."""


class LossCurves(Panel):
    """The loss of a run, followed live; the best epoch is marked.

    Args:
        run: the run.

    Attributes:
        run: the run that is followed; None shows what to do first.
        others: runs whose validation loss is drawn beside it.
        scale: ``log`` or ``linear``.
        smoothing: weight of the running mean that is drawn, one of :data:`SMOOTHING`; 0: the losses themselves.
        options: what the run is trained with; None where that is not known.
        history: what is known of the run, for other panels to look at.
        changed: counts up whenever the run has told something new.

    Example:
        >>> curves = LossCurves(run=find_run("song.res/20261123_141500"))
        >>> curves.others = tuple(list_runs("song.res")[1:3])
        >>> curves
    """

    run = t.Instance(Run, allow_none=True)
    others = t.Tuple()
    scale = t.Enum(["log", "linear"], "log")
    smoothing = t.Enum(list(SMOOTHING.values()), 0.0)
    history = t.Instance(RunHistory, allow_none=True)
    changed = t.Int(0)

    def __init__(self, run: Run | None = None) -> None:
        self.follower = RunFollower(0.3)
        self._switch = ToggleButtons(options=[("Log", "log"), ("Linear", "linear")], layout=plain_layout())
        self._switch.tooltips = ("Logarithmic axis", "Linear axis")
        self._smooth = Dropdown(description="Smoothing", options=SMOOTHING, value=0.0, layout=plain_layout())
        self._legend: HTML = text("", "dss-loss-legend")
        self._empty: HTML = text("", "dss-loss-empty")
        self._frame = classed(VBox(layout=plain_layout()), "dss-loss-plot", "dss-off")
        self._remarks: HTML = text("", "dss-loss-remarks")
        self._recalls: HTML = text("", "dss-recall-plots")
        self._plot: LossPlot | None = None
        self.show_code = ShowCode(None, self.code)
        self._controls = classed(Box([self._smooth, self._switch], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        head = classed(Box([text(heading("Loss")), self._controls], layout=plain_layout()), "dss-row", "dss-spread")
        parts = [head, self._legend, self._empty, self._frame, self._remarks, self._recalls, self.show_code]
        super().__init__([classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack-tight")], "dss-loss-curves")
        self._connect()
        self.run = run
        self.draw()

    def _connect(self) -> None:
        t.link((self, "scale"), (self._switch, "value"))
        t.link((self, "smoothing"), (self._smooth, "value"))
        t.link((self, "run"), (self.follower, "run"))
        t.link((self, "others"), (self.follower, "others"))
        t.dlink((self.follower, "history"), (self, "history"))
        self._ticker = self._every(self.follower.ticker)
        self.follower.observe(lambda _: self.draw(), "changed")
        self.observe(self._scale_changed, "scale")
        self.observe(lambda _: self.draw(), "smoothing")

    def _scale_changed(self, _change: t.Bunch) -> None:
        if self._plot is not None:
            self._plot.set_scale(self.scale)

    @property
    def options(self) -> TrainingOptions | None:
        """What the run is trained with; None where that is not known."""
        return options_of(self.run) if self.run is not None else None

    def code(self) -> dict[str, str]:
        """Return what follows the run elsewhere, and the config file of such a run."""
        return run_code(str(self.run.folder) if self.run is not None else "RUN", self.options)

    def follow_again(self) -> None:
        """Follow the run again, which may have been resumed after it had ended."""
        self.follower.follow_again()

    def tick(self) -> bool:
        """Read what is new and draw it; returns whether there may be more."""
        return self.follower.tick()

    def draw(self) -> None:
        """Draw the curves as they are known."""
        history = self.follower.history
        drawable = history is not None and has_points(history)
        show(self._empty, not drawable)
        for part in (self._legend, self._frame, self._remarks, self._controls, self.show_code):
            show(part, drawable)
        if history is None:
            put(self._empty, empty("No training yet", "The loss is drawn here while the network trains."))
        elif not drawable:
            put(self._empty, empty(*_waiting(history)))
        else:
            put(self._legend, legend(history, self.follower.other_histories))
            put(self._remarks, remarks(history))
            self._draw_plot(history)
        put(self._recalls, recall_plots(history) if history is not None else "")
        self.show_code.draw()
        self.changed += 1

    def _draw_plot(self, history: RunHistory) -> None:
        if self._plot is None:
            self._plot = LossPlot(self.scale)
        self._plot.smoothing = self.smoothing
        self._plot.draw_others(self.follower.other_histories)
        self._plot.draw(history)
        if not self._frame.children:
            self._frame.children = [self._plot.widget]


def _waiting(history: RunHistory) -> tuple[str, str]:
    if history.status.state == "queued":
        return "Queued", "The first values appear once Slurm has started it."
    if history.status.is_running:
        return "Preparing", "The first values appear after the first batches."
    return "No loss", "This run ended before its first epoch."
