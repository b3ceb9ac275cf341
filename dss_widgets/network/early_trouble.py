"""Learning that goes wrong from the start: noticed early, so that it can be tried differently."""

from __future__ import annotations

import numpy as np

LEAST_STEPS, MOST_STEPS, STEPS_SHARE = 200, 500, 0.3
"""Steps after which a network should have found something: a share of all, within bounds. Events of flies, the slowest so far,
were found after 100 to 200 steps."""

GROWN = 2.0
"""How many times the loss of the first epoch is a loss that has run away."""

FALLEN = 0.98
"""Share of the first epoch's loss that has to be undercut."""

SLOWER = 0.5
"""What the learning rate is multiplied with for the second attempt."""

MUCH_SLOWER = 0.1
"""The same, where the loss was not a number or ran away."""


def trouble(losses: list[float], steps: int, n_steps: int, confusion: np.ndarray | None) -> tuple[str, float] | None:
    """Return what is wrong with learning so far, and what to multiply the learning rate with.

    Args:
        losses: of training, of every epoch of this attempt.
        steps: done in this attempt.
        n_steps: that it is to have.
        confusion: of the last validation, ``[classes, classes]`` with annotated classes in rows; None without validation.

    Returns:
        None if nothing is wrong, or it is too early to say.
    """
    if len(losses) > 1 and losses[-1] > GROWN * losses[0]:
        return f"the loss grew from {losses[0]:.3g} to {losses[-1]:.3g}", MUCH_SLOWER
    due = min(n_steps, max(LEAST_STEPS, min(MOST_STEPS, round(STEPS_SHARE * n_steps))))
    if steps < due or len(losses) < 2:
        return None
    if confusion is not None and takes_all_for_one(confusion):
        return f"after {steps} steps the network takes everything for the same", SLOWER
    if losses[-1] > FALLEN * losses[0]:
        return f"after {steps} steps the loss is still {losses[-1]:.3g}", SLOWER
    return None


def takes_all_for_one(confusion: np.ndarray) -> bool:
    """Return whether a network said the same class for everything, of validation data that have several."""
    annotated, predicted = confusion.sum(axis=1) > 0, confusion.sum(axis=0) > 0
    return bool(annotated.sum() > 1 and predicted.sum() == 1)


def has_song(confusion: np.ndarray) -> bool:
    """Return whether there is any song in validation data: without, they say nothing of how well it is found."""
    return bool(confusion[1:].sum() > 0)
