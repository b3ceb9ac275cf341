#!/usr/bin/env bash
# Guess: Eaf.shift_annotations(time) of pympi moves all annotations of an ELAN document by that many milliseconds; what would begin before 0
#   begins at 0 and ends where it should.
# Seen, pympi-ling 1.71: shifted left by 1 s, a call from 0.5 to 2 s lasts from 0 to 2 s instead of 0 to 1 s, over the whole of the next call:
#   its start is cut, its end is not moved. Where a song is divided into syllables on a tier of its own, they share their time slots with each
#   other and with the song, as ELAN saves them, and a slot is moved once for each annotation that has it: shifted right by 1 s, the divided
#   song and its syllables go 2 s to the right, an undivided song beside it 1 s.
# What it means: after a recording's beginning is cut off, or two are put together, some labels fit and others do not, without a word.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pympi-ling==1.71
cd "$work"
"$work/venv/bin/python" - <<'PY'
import pympi

schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd"'
times = {1: 1000, 2: 2000, 3: 3000, 4: 4000, 5: 6000, 6: 7000}
songs = [(1, 4, "divided"), (5, 6, "undivided")]
syllables = [(1, 2, "a"), (2, 3, "b"), (3, 4, "c")]


def tier(attributes, annotations):
    entries = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{start}{stop}" TIME_SLOT_REF1="ts{start}" TIME_SLOT_REF2="ts{stop}">'
        f"<ANNOTATION_VALUE>{name}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
        for start, stop, name in annotations
    )
    return f"<TIER {attributes}>{entries}</TIER>"


with open("a.eaf", "w") as file:
    file.write(
        f'<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-11-01T12:00:00+00:00" FORMAT="3.0" VERSION="3.0" {schema}>'
        + '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/><TIME_ORDER>'
        + "".join(f'<TIME_SLOT TIME_SLOT_ID="ts{slot}" TIME_VALUE="{time}"/>' for slot, time in times.items())
        + "</TIME_ORDER>"
        + tier('LINGUISTIC_TYPE_REF="whole" TIER_ID="songs"', songs)
        + tier('LINGUISTIC_TYPE_REF="parts" PARENT_REF="songs" TIER_ID="syllables"', syllables)
        + '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="whole" GRAPHIC_REFERENCES="false" TIME_ALIGNABLE="true"/><LINGUISTIC_TYPE '
        + 'CONSTRAINTS="Time_Subdivision" LINGUISTIC_TYPE_ID="parts" GRAPHIC_REFERENCES="false" TIME_ALIGNABLE="true"/>'
        + '<CONSTRAINT DESCRIPTION="no gaps" STEREOTYPE="Time_Subdivision"/></ANNOTATION_DOCUMENT>'
    )
shared = pympi.Eaf("a.eaf")
shared.shift_annotations(1000)
songs, syllables = (shared.get_annotation_data_for_tier(name) for name in ("songs", "syllables"))
print(f"a divided song 1-4 s and an undivided one 6-7 s, 1 s to the right: {songs} {syllables}")

alone = pympi.Eaf()
alone.add_tier("calls")
for start, stop in ((500, 2000), (2000, 3000), (3500, 3600)):
    alone.add_annotation("calls", start, stop, "call")
alone.shift_annotations(-1000)
calls = [(start, stop) for start, stop, _ in alone.get_annotation_data_for_tier("calls")]
print(f"calls 0.5-2, 2-3 and 3.5-3.6 s, 1 s to the left: {calls}")
assert songs == [(3000, 6000, "divided"), (7000, 8000, "undivided")], "this has changed"
assert syllables == [(3000, 4000, "a"), (4000, 5000, "b"), (5000, 6000, "c")], "this has changed"
assert calls == [(0, 2000), (1000, 2000), (2500, 2600)], "this has changed"
PY
