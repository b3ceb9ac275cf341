"""All recordings of a plan in one small picture: one a column, from its beginning at the top to its end, by split."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence

import numpy as np

from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.options.assembly import SPLITS
from dss_widgets.panels.assembly.timeline import splits_of_cells
from dss_widgets.panels.look.palette import SPLIT_COLOURS
from dss_widgets.panels.sound.signals import png

_ROWS, _MOST_COLUMNS = 48, 1200

_NONE, _LEFT_OUT = (0, 0, 0, 0), (128, 136, 144, 110)
"""What is drawn where a recording has ended already, and where no split has it: it shows on white and on black."""


def overview(
    plan: SplitPlan, entries: Sequence[SurveyedRecording], stretches: Mapping[str, Sequence[Stretch]], shown: range
) -> str:
    """Return the picture as HTML, with a frame around the recordings that are shown in full.

    Args:
        plan: what is drawn.
        entries: recordings of it, one at least.
        stretches: of every recording, in the order of time.
        shown: which of the entries the frame is around.
    """
    pixels = split_picture(plan, entries, stretches)
    picture = b64encode(png(pixels)).decode("ascii")
    left, width = 100 * shown.start / len(entries), 100 * len(shown) / len(entries)
    return (
        f'<div class="dss-overview"><img src="data:image/png;base64,{picture}" alt="Overview: {len(entries)} recordings side '
        f'by side, coloured by split"><span style="left:{left:.2f}%;width:{width:.2f}%"></span></div>'
    )


def split_picture(
    plan: SplitPlan, entries: Sequence[SurveyedRecording], stretches: Mapping[str, Sequence[Stretch]]
) -> np.ndarray:
    """Return pixels, uint8 ``[48, columns, 4]``: a column a recording, or every n-th where there are more than 1,200."""
    columns = np.unique(np.linspace(0, len(entries) - 1, min(len(entries), _MOST_COLUMNS)).round().astype(int))
    longest = max(plan.lengths[entry.name] for entry in entries)
    cells = np.full((_ROWS, len(columns)), len(SPLITS) + 1)
    for x, column in enumerate(columns):
        name = entries[column].name
        height = max(1, round(_ROWS * plan.lengths[name] / longest))
        found = splits_of_cells(stretches.get(name, ()), plan.lengths[name], height)
        cells[:height, x] = np.where(found < 0, len(SPLITS), found)
    splits = [(*bytes.fromhex(SPLIT_COLOURS[split][1:]), 255) for split in SPLITS]
    return np.array([*splits, _LEFT_OUT, _NONE], dtype=np.uint8)[cells]
