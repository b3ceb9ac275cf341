"""Show that crowsetta itself reads every exported file with the same labels, and times to 1 ms.

usage: python tests/benchmarks/crowsetta_reads_export.py FOLDER CROWSETTA_PYTHON

FOLDER holds annotated recordings of segments that do not overlap; CROWSETTA_PYTHON is the interpreter of a virtual environment
with crowsetta (5.1.2 was used).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from dss_widgets.dataset import survey
from dss_widgets.dataset.annotations.written_formats import WRITTEN
from dss_widgets.dataset.export import labelled_recordings, write_survey

READ = """
import json, sys
from crowsetta.formats import bbox, seq
def of(sequence):
    return [[str(l), float(on), float(off)] for l, on, off in zip(sequence.labels, sequence.onsets_s, sequence.offsets_s)]
def without_silence(rows):
    return [row for row in rows if row[0]]
def read(to, path):
    if to == "raven":
        return [[[b.label, float(b.onset), float(b.offset)] for b in bbox.Raven.from_file(path).to_annot().bboxes]]
    if to == "audacity":
        return [of(seq.AudSeq.from_file(path).to_annot().seq)]
    if to == "textgrid":
        found = seq.TextGrid.from_file(path).to_annot().seq
        return [without_silence(of(found[0] if isinstance(found, list) else found))]
    return [of(annotation.seq) for annotation in seq.GenericSeq.from_file(path).to_annot()]
print(json.dumps([rows for path in sys.argv[2:] for rows in read(sys.argv[1], path)]))
"""


def main(folder: str, python: str) -> int:
    """Export a folder in every format, let crowsetta read it, and compare."""
    found = survey(folder)
    wanted = [labelled.rows() for labelled in labelled_recordings(found)]
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        for to in WRITTEN:
            paths = write_survey(found, to, Path(place) / to)
            told = subprocess.run([python, "-c", READ, to, *map(str, paths)], capture_output=True, text=True, check=True)
            read = json.loads(told.stdout.splitlines()[-1])
            names = [[row[0] for row in rows] for rows in read] == [[row[0] for row in rows] for rows in wanted]
            pairs = [(a, b) for one, other in zip(wanted, read, strict=True) for a, b in zip(one, other, strict=True)]
            worst = max(abs(a[i] - b[i]) for a, b in pairs for i in (1, 2))
            failed += not names or worst > 1e-3
            print(f"{to:12} {len(pairs)} annotations, labels {'equal' if names else 'DIFFERENT'}, times within {worst:.2g} s")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
