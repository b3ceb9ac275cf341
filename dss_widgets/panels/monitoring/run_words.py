"""What a run is doing, in words."""

from __future__ import annotations

from dss_widgets.panels.look.words import escape, time_left
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
        parts = [epoch_words(status), time_left(status.seconds_left)]
        left = status.epochs_to_early_stop
        if left is not None and status.epochs and left < status.epochs - status.epoch:
            parts.append(f"stops early after {left} more epochs without a better validation loss")
        return ", ".join(filter(None, parts)) or "first steps"
    return {
        "starting": "The training process is starting: this takes some seconds.",
        "preparing": "Reading the dataset and building the network.",
        "testing": "Testing the best network on the test split.",
        "finished": f"Trained for {status.epoch} epochs, best network from epoch {status.best_epoch}.",
        "stopped": f"Stopped after {status.epoch} epochs; the best network, from epoch {status.best_epoch}, is kept.",
        "copied": "Only the files of this run are here: it can be judged and used to predict, not resumed.",
    }.get(status.state, status.message)


def share_done(status: RunStatus) -> float:
    """Return how much of the training is done, 0 to 1."""
    if not status.epochs:
        return 0.0
    within = status.step / status.steps if status.steps else 0.0
    return min(1.0, (status.epoch + within) / status.epochs)
