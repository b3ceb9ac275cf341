"""What to do after a round of correcting, in words: what the rounds so far say about the next one."""

from __future__ import annotations

from collections.abc import Sequence

from dss_widgets.results.rounds import Round

SCORE_WORDS = {"macro_f1": "Macro F1", "segment_f1": "Segment F1", "syllable_error_rate": "Syllable error"}
"""The scores of a round, with words for people; the first is the one that rounds are judged by."""

_CLEARLY = 0.01
"""Macro F1 by which a round must differ from the one before to have changed anything."""

_GOOD = 0.97


def comparable(rounds: Sequence[Round]) -> list[Round]:
    """Return the last rounds, those with the same test data."""
    found: list[Round] = []
    for this in reversed(rounds):
        if found and this.test != found[-1].test:
            break
        found.append(this)
    return found[::-1]


def next_step(rounds: Sequence[Round]) -> str:
    """Return what to do next, as sentences."""
    if len(rounds) < 2:
        return "Correct some stretches, then press Learn on: what the first round brings is told here."
    same = comparable(rounds)
    last = rounds[-1].scores.get("macro_f1")
    before = same[-2].scores.get("macro_f1") if len(same) > 1 else None
    if last is None:
        return (
            "The network was not tested, so nothing tells what the round was worth: the dataset has no test data. Assemble "
            "one with a test split."
        )
    if before is None:
        return "The test data are others than before, so this round begins a new comparison. Correct on, and learn again."
    return _after(last - before, last)


def _after(gain: float, last: float) -> str:
    """Return what to do after a round that changed macro F1 by so much, to so much."""
    if gain <= -_CLEARLY:
        return (
            f"The last round cost {-gain:.3f} of macro F1. Look through the corrected labels once more (where they are "
            "contradicted: dss-widgets check-labels), or go on from the network of the round before: it is still there."
        )
    use = "The network is good by now: annotate your other recordings with it."
    if gain >= _CLEARLY:
        more = "another one is worth it: find stretches to look at with this network, correct them, and learn on again."
        return f"The last round brought {gain:.3f} of macro F1, so {more}{f' {use}' if last >= _GOOD else ''}"
    if last >= _GOOD:
        return f"The last round changed hardly anything. {use}"
    return (
        "The last round changed hardly anything. Correct more at a time, or other recordings: song types that are rare, other "
        "animals, other background noise. The results tell which song types are found worst."
    )
