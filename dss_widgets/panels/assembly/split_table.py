"""How much of every song type each split gets, as a table with bars in it."""

from __future__ import annotations

from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.panels.look.palette import SPLIT_COLOURS, song_colours
from dss_widgets.panels.look.words import duration, escape, swatch, total


def split_legend(plan: SplitPlan) -> str:
    """Return the splits' colours, names, durations and shares as a line of HTML."""
    total = plan.survey.duration_seconds
    parts = [
        f"<span>{swatch(SPLIT_COLOURS[split], SPLIT_WORDS[split])} "
        f'<b>{duration(seconds)}</b> <span class="dss-quiet">{seconds / total:.0%}</span></span>'
        for split, seconds in plan.split_seconds().items()
    ]
    left_out = plan.left_out_seconds
    if left_out > 0.0005 * total:
        parts.append(
            f"<span>{swatch('var(--dss-line)', 'left out')} "
            f'<b>{duration(left_out)}</b> <span class="dss-quiet">{left_out / total:.0%}</span></span>'
        )
    return f'<div class="dss-legend">{"".join(parts)}</div>'


def split_table(plan: SplitPlan) -> str:
    """Return counts and seconds of every song type in every split; a bar shows its share of the type."""
    cells = {(row["song_type"], row["split"]): row for row in plan.table()}
    colours = song_colours([song_type.name for song_type in plan.survey.song_types])
    head = "".join(f'<th class="dss-number">{SPLIT_WORDS[split].capitalize()}</th>' for split in SPLITS)
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[s.name], s.name)}'
        f"</td>{''.join(_cell(cells[s.name, split], split) for split in SPLITS)}</tr>"
        for s in plan.survey.song_types
    )
    return (
        '<table class="dss-table dss-split-table"><caption>Annotations of each song type, how long they last together, and the '
        f"split's share of the type</caption><thead><tr><th>Song type</th>{head}</tr></thead><tbody>{rows}</tbody>"
        f"<tfoot>{_sources(plan)}</tfoot></table>"
    )


def _sources(plan: SplitPlan) -> str:
    """Return rows with the recordings and, where that is known, the individuals of which each split has something."""
    whom = "Groups" if plan.options.group else "Individuals"
    rows = [("Recordings", [set(plan.recordings_of(split)) for split in SPLITS])]
    if plan.individuals:
        rows.append((whom, [plan.individuals_of(split) for split in SPLITS]))
    html = ""
    for words, (train, *others) in rows:
        cells = _source_cell(train, set()) + "".join(_source_cell(other, train) for other in others)
        html += f'<tr><td class="dss-quiet">{words}</td>{cells}</tr>'
    return html


def _source_cell(having: set[str], of_train: set[str]) -> str:
    shared = len(having & of_train)
    told = (
        f' <span class="dss-quiet">· {"all" if shared == len(having) else f"{shared:,}"} also in train</span>' if shared else ""
    )
    return f'<td class="dss-number">{len(having):,}{told}</td>'


def _cell(row: dict, split: str) -> str:
    lasting = f" · {escape(total(row['seconds']))}" if row["category"] == "segment" and row["count"] else ""
    none = ' style="color:var(--dss-quiet)"' if not row["count"] else ""
    width, colour = 100 * row["share"], SPLIT_COLOURS[split]
    return (
        f'<td class="dss-number"{none}>{row["count"]:,}{lasting} <span class="dss-quiet">{row["share"]:.0%}</span>'
        f'<div class="dss-bar"><span style="width:{width:.1f}%;background:{colour}"></span></div></td>'
    )
