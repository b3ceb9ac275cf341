"""What a run is doing, in words."""

from __future__ import annotations

import time

from dss_widgets.panels.look.words import duration, escape, time_left
from dss_widgets.panels.monitoring.run_history import RunHistory
from dss_widgets.runs import RunStatus

STATE_WORDS = {
    "starting": "starting",
    "preparing": "preparing",
    "training": "training",
    "testing": "testing",
    "finished": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "died": "died",
    "copied": "files only",
}


def state_badge(state: str) -> str:
    """Return a state as a coloured word."""
    return f'<span class="dss-state dss-state-{escape(state)}">{escape(STATE_WORDS.get(state, state))}</span>'


def epoch_words(status: RunStatus) -> str:
    """Return ``epoch 3 of 20``: the one it is in, or has finished."""
    if not status.epochs:
        return ""
    now = min(status.epochs, status.epoch + 1) if status.state == "training" else status.epoch
    return f"epoch {now} of {status.epochs}"


def doing(status: RunStatus) -> str:
    """Return what a run is doing as one sentence, without markup."""
    if status.state == "training":
        return ", ".join(filter(None, [epoch_words(status), time_left(status.seconds_left)])) or "first steps"
    return {
        "starting": "The training process is starting: this takes some seconds.",
        "preparing": "Reading the dataset and building the network.",
        "testing": "Testing the best network on the test split.",
        "finished": f"Trained for {status.epoch} epochs, best network from epoch {status.best_epoch}.",
        "stopped": f"Stopped after {status.epoch} epochs; the best network, from epoch {status.best_epoch}, is kept.",
        "copied": "Only the files of this run are here: it can be judged and used to predict, not resumed.",
    }.get(status.state, status.message)


def outcome_facts(status: RunStatus) -> str:
    """Return how a run came out that has left a network, as HTML: a few numbers; '' for one that goes on, or has left none."""
    if status.state not in ("finished", "stopped") or not status.epoch:
        return ""
    ended = time.strftime("%d %b, %H:%M", time.localtime(status.updated)) if status.updated else "–"
    facts = {
        "Macro F1 of the test": "–" if status.macro_f1 is None else f"{status.macro_f1:.3f}",
        "Best validation loss": "–" if status.best_val_loss is None else f"{status.best_val_loss:.4g}",
        "Time at work": duration(status.seconds),
        "Ended": ended,
    }
    told = "".join(f"<div><dt>{escape(words)}</dt><dd>{escape(value)}</dd></div>" for words, value in facts.items())
    return f'<dl class="dss-facts dss-run-facts">{told}</dl>'


def lasting_warnings(history: RunHistory) -> list[str]:
    """Return what the worker warned of, but for song types that it had not found yet and has found since."""
    found = [name for name, recalls in history.recalls.items() if recalls and recalls[-1] > 0]
    return [words for words in history.status.warnings if not any(words.startswith(f"{name!r} has not been") for name in found)]


def share_done(status: RunStatus) -> float:
    """Return how much of the training is done, 0 to 1."""
    if not status.epochs:
        return 0.0
    within = status.step / status.steps if status.steps else 0.0
    return min(1.0, (status.epoch + within) / status.epochs)
