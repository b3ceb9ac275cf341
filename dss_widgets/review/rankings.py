"""Which stretches first: several ways to say what correcting a stretch is worth, in one table.

A ranking returns a worth of every candidate, given what has been picked so far; :func:`ranked` picks the worthiest one after
another, such that none overlap and no recording has them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dss_widgets.options.review import RANKING_WORDS, ReviewOptions
from dss_widgets.review.candidates import Candidates
from dss_widgets.review.oddities import Oddity
from dss_widgets.review.stretches import Stretch

_AGAIN = 0.7
"""What a stretch is worth, as a share, for every one that was picked of its recording before."""

Worth = Callable[[Candidates, np.ndarray], np.ndarray]
"""Takes candidates and the seconds of every class picked so far ``[classes]``; returns a worth of each, 0 or more."""


def _uncertainty(found: Candidates, _picked: np.ndarray) -> np.ndarray:
    worth: np.ndarray = found.uncertain / found.seconds
    return worth


def _disagreement(found: Candidates, _picked: np.ndarray) -> np.ndarray:
    worth: np.ndarray = found.disagreement / found.seconds
    return worth


def _rarity(found: Candidates, picked: np.ndarray) -> np.ndarray:
    """Return how much a second of each class adds to what is known of it, ``[classes]``, noise as the others."""
    known = found.known + picked
    rarity: np.ndarray = 1.0 / (known + 0.1 * max(float(known[1:].mean()) if len(known) > 1 else 0.0, 1e-3))
    return rarity


def _rare(found: Candidates, picked: np.ndarray) -> np.ndarray:
    song = found.by_class[:, 1:] @ _rarity(found, picked)[1:]
    worth: np.ndarray = song / found.seconds
    return worth


def _odd(found: Candidates, _picked: np.ndarray) -> np.ndarray:
    worth: np.ndarray = found.odd / found.seconds
    return worth


def _unsure_rare(found: Candidates, picked: np.ndarray) -> np.ndarray:
    """Seconds in which the network wavers, each counting for more the less is known of what it may be."""
    worth: np.ndarray = (found.wavering[:, 1:] @ _rarity(found, picked)[1:]) / found.seconds
    return worth


def _mixed(found: Candidates, picked: np.ndarray) -> np.ndarray:
    """The mean of the others, each as a share of its largest."""
    each = (_uncertainty, _rare, _unsure_rare, _odd, _disagreement)
    return sum((_share(worth(found, picked)) for worth in each), np.zeros(len(found))) / len(each)


def _share(worth: np.ndarray) -> np.ndarray:
    largest = float(worth.max(initial=0))
    return worth / largest if largest > 0 else worth


_WORTH: Mapping[str, Worth] = {
    "unsure-rare": _unsure_rare,
    "uncertainty": _uncertainty,
    "rare": _rare,
    "odd": _odd,
    "disagreement": _disagreement,
    "mixed": _mixed,
}
RANKINGS: Mapping[str, Worth] = {name: _WORTH[name] for name in RANKING_WORDS}
"""By the word that chooses it; what comes first, the options say."""

DEFAULT: str = ReviewOptions.by.default_value


def ranked(found: Candidates, by: str, count: int, odd: Mapping[str, Sequence[Oddity]] | None = None) -> list[Stretch]:
    """Return the worthiest stretches, the worthiest first; none overlap.

    Args:
        found: all that could be asked for.
        by: one of :data:`RANKINGS`.
        count: how many, at most; those that are worth nothing are left out.
        odd: what is odd in each recording, for the reasons.
    """
    picked, of_recording = np.zeros(len(found.class_names)), np.zeros(len(found.recordings))
    free = np.ones(len(found), dtype=bool)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < count and free.any():
        worth = RANKINGS[by](found, picked) * _AGAIN ** of_recording[found.recording]
        worth = np.where(free, worth, -1.0)
        best = int(np.argmax(worth))
        if worth[best] <= 0:
            break
        chosen.append((best, float(worth[best])))
        picked += found.by_class[best]
        of_recording[found.recording[best]] += 1
        beside = (found.stop <= found.start[best] + 1e-6) | (found.start >= found.stop[best] - 1e-6)
        free &= (found.recording != found.recording[best]) | beside
    largest = max((worth for _, worth in chosen), default=1.0)
    return [
        Stretch(
            found.recordings[found.recording[i]], round(float(found.start[i]), 6), round(float(found.stop[i]), 6),
            _reason(found, i, by, odd or {}), round(worth / largest, 4),
        )
        for i, worth in chosen
    ]  # fmt: skip


def _reason(found: Candidates, i: int, by: str, odd: Mapping[str, Sequence[Oddity]]) -> str:
    """Return why a stretch is worth a look, as people say it."""
    path = found.recordings[found.recording[i]]
    within = [o for o in odd.get(path, ()) if found.start[i] <= o.time < found.stop[i]]
    worst = max(within, key=lambda o: o.worth, default=None)
    if by == "odd" and worst is not None:
        return worst.reason
    if by == "disagreement":
        return f"the networks disagree: {_said(found, found.by_class[i])} to one, {_said(found, found.others[i])} to the other"
    if by == "rare":
        return f"{_said(found, found.by_class[i] * _rarity(found, np.zeros(len(found.known))))}, of which little is known"
    unsure = _wavering(found, i)
    return unsure if worst is None else f"{unsure}; {worst.reason}"


def _said(found: Candidates, seconds: np.ndarray) -> str:
    """Return the song type of which there is most; noise where there is none."""
    best = int(np.argmax(np.append(0.0, seconds[1:])))
    return repr(found.class_names[best]) if best else "no song"


def _wavering(found: Candidates, i: int) -> str:
    first, second = np.argsort(-found.wavering[i], kind="stable")[:2]
    names = sorted((int(first), int(second)), reverse=True)  # noise last
    told = " or ".join(repr(found.class_names[k]) if k else "no song" for k in names)
    share = found.uncertain[i] / found.seconds[i]
    return f"unsure whether {told} ({share:.0%} of the stretch is in doubt)"
