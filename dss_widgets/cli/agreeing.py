"""The command that tells how well two sets of annotations agree: agreement."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.cli.output import duration, print_json, print_problems, printable, table
from dss_widgets.dataset.two_sets import pair_sets
from dss_widgets.errors import DataError
from dss_widgets.options.agreement import AgreementOptions
from dss_widgets.results.agreement import Agreement, Difference, TypeAgreement
from dss_widgets.results.agreement_table import agreement_csv, table_path, write_table
from dss_widgets.results.comparing_sets import compare_sets, event_reach
from dss_widgets.results.differences import differences_csv
from dss_widgets.results.intervals import FEWEST_RECORDINGS

_MOST_LISTED = 10
_NONE = "(none)"
"""What a set calls what it does not mark."""


def add_commands(commands: Any) -> None:
    """Add the command to the command line."""
    agreeing = commands.add_parser(
        "agreement",
        help="tell how well two sets of annotations of the same recordings agree: people's, networks', other tools'",
    )
    agreeing.add_argument(
        "annotated", metavar="ANNOTATED", help="recordings and their annotations, in any format that is read: the reference"
    )
    agreeing.add_argument(
        "other",
        metavar="OTHER",
        help="the compared set: other annotations of them, such as predict --out leaves; no sound needed",
    )
    agreeing.add_argument("--recordings", metavar="FOLDER", help="where the recordings lie, if not in ANNOTATED")
    agreeing.add_argument("--json", action="store_true", help="print one JSON document")
    agreeing.add_argument("--out", metavar="TABLE.csv", help="also write a table with a row for every recording and song type")
    agreeing.add_argument(
        "--differences", metavar="TABLE.csv", help="also write a table of every label on which they differ, with its times"
    )
    agreeing.add_argument("--overwrite", action="store_true", help="replace tables of these names")
    add_option_flags(agreeing, AgreementOptions)
    agreeing.set_defaults(run=run_agreement)


def run_agreement(args: argparse.Namespace) -> int:
    """Compare, print, and write the table that is asked for."""
    options = options_from(args, AgreementOptions)
    tables = [table_path(path, overwrite=args.overwrite) for path in (args.out, args.differences) if path]
    if len({path.absolute() for path in tables}) < len(tables):
        raise DataError(f"{tables[0]}: cannot hold both tables. Give --out and --differences different names.")
    sets = pair_sets(args.annotated, args.other, options, recordings=args.recordings)
    found = compare_sets(sets, options.tolerance_seconds)
    print_problems(sets.notices)
    if args.out:
        write_table(agreement_csv(found), args.out, overwrite=args.overwrite)
    if args.differences:
        write_table(differences_csv(found.differing), args.differences, overwrite=args.overwrite)
    if args.json:
        print_json(found.as_dict())
    else:
        print(agreement_text(found))
    return 0


def agreement_text(found: Agreement) -> str:
    """Return how well two sets agree, for people."""
    sets = found.sets
    n = len(found.recordings)
    title = f"{n} recording{'' if n == 1 else 's'}, {duration(found.seconds)}"
    whence = f"ANNOTATED: {printable(str(sets.annotated_folder))}\nOTHER:     {printable(str(sets.other_folder))}"
    parts = [f"{title}\n{whence}", "\n".join(_missing(found))]
    if not found.by_type:
        return "\n\n".join(filter(None, [*parts, "Neither has any song in them: they agree." if n else ""]))
    parts += [_by_type(found), _how_to_read(found), _over_time(found), _disagreements(found), _least(found)]
    return "\n\n".join(filter(None, parts))


def _missing(found: Agreement) -> Iterator[str]:
    """Yield what only one set has."""
    sets = found.sets
    for names, words in (
        (sets.only_annotated, "Only ANNOTATED has annotations of"),
        (sets.only_other, "Only OTHER has annotations of"),
        (sets.not_looked_through, "Nothing was looked through in both of"),
        (sets.without_recording, "Without a recording, and left out:"),
        (sets.only_annotated_types, "Song types that only ANNOTATED has:"),
        (sets.only_other_types, "Song types that only OTHER has:"),
    ):
        if names:
            yield f"{words} {_listed(names)}."
    if sets.only_annotated_types and sets.only_other_types:
        yield "Where they mean the same: --rename OTHER'S=ANNOTATED'S."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(map(printable, names[:_MOST_LISTED])) + more


def _by_type(found: Agreement) -> str:
    with_interval = found.together.f1_interval is not None
    with_offset = found.together.offset is not None

    def row(told: TypeAgreement, name: str) -> list[Any]:
        scores = told.scores
        return [
            name, scores.n_annotated, scores.n_predicted, scores.n_matched, told.precision, told.recall, told.f1,
            *([_interval(told.f1_interval)] if with_interval else []), told.kappa,
            _milliseconds(told.onset), *([_milliseconds(told.offset)] if with_offset else []),
        ]  # fmt: skip

    header = ["song type", "ANNOTATED", "OTHER", "matched", "precision", "recall", "F1"]
    header += ["95 %", "kappa"] if with_interval else ["kappa"]
    rows = [row(told, told.name) for told in found.by_type]
    rows += [row(found.together, "all together")] if len(rows) > 1 else []
    return table(rows, [*header, "onset (ms)", *(["offset (ms)"] if with_offset else [])])


def _interval(bounds: tuple[float, float] | None) -> str:
    return f"{bounds[0]:.2f} to {bounds[1]:.2f}" if bounds else "-"


def _milliseconds(told: Difference | None) -> str:
    if told is None or told.median_seconds is None or told.low_seconds is None or told.high_seconds is None:
        return "-"
    median, low, high = (
        f"{round(1000 * seconds, 1) + 0.0:+.1f}" for seconds in (told.median_seconds, told.low_seconds, told.high_seconds)
    )
    return f"{median} ({low} to {high})"


def _how_to_read(found: Agreement) -> str:
    lines = [
        f"matched: within {1000 * found.tolerance_seconds:g} ms, one to one (segments: onset and offset); precision and recall "
        "with ANNOTATED as the reference.",
        "onset, offset: how much later OTHER's are, median (middle 90 %), of those that both have, however far off.",
    ]
    if any(told.category == "event" for told in found.by_type):
        reach = 1000 * event_reach(found.tolerance_seconds)
        lines.append(f"kappa: over time, in which an event lasts from {reach:g} ms before it until {reach:g} ms after it.")
    if found.together.f1_interval:
        lines.append(f"95 %: interval of F1 over {len(found.recordings)} recordings.")
    else:
        lines.append(f"No intervals: they take {FEWEST_RECORDINGS} recordings.")
    return "\n".join(lines)


def _over_time(found: Agreement) -> str:
    kappa = found.together.kappa
    bounds = f" (95 %: {_interval(found.together.kappa_interval)})" if found.together.kappa_interval else ""
    words = "Cohen's kappa over time (1: full agreement, 0: what chance gives), all song types"
    told = [] if kappa is None else [f"{words}: {kappa:.3f}{bounds}"]
    if found.syllable_error_rate is not None:
        told.append(f"syllable error rate {found.syllable_error_rate:.3f}")
    return "; ".join(told)


def _disagreements(found: Agreement) -> str:
    differing = found.disagreements
    if not differing:
        return ""
    rows = [[one or _NONE, other or _NONE, count] for one, other, count in differing[:_MOST_LISTED]]
    more = f"\n(and {len(differing) - _MOST_LISTED} more, which are rarer)" if len(differing) > _MOST_LISTED else ""
    return "Where they differ, most often first\n" + table(rows, ["ANNOTATED", "OTHER", "labels"]) + more


def _least(found: Agreement) -> str:
    differing = [each for each in found.recordings if each.differing]
    if len(found.recordings) < 2 or not differing:
        return ""
    rows = [
        [each.name, each.together.scores.n_annotated, each.together.scores.n_predicted, each.together.scores.n_matched, each.f1,
         each.together.kappa]
        for each in differing[:_MOST_LISTED]
    ]  # fmt: skip
    n_more = len(differing) - _MOST_LISTED
    more = f"\n(and {n_more} more, which agree better; --out TABLE.csv writes all)" if n_more > 0 else ""
    header = ["recording", "ANNOTATED", "OTHER", "matched", "F1", "kappa"]
    return "Recordings that agree least\n" + table(rows, header) + more
