"""What was found in a data folder, as tables."""

from __future__ import annotations

from dss_widgets.dataset.survey import Survey
from dss_widgets.panels.look.palette import song_colours
from dss_widgets.panels.look.theme import scrolling
from dss_widgets.panels.look.words import count, duration, escape, rate, swatch, total


def found_words(survey: Survey) -> str:
    """Return what a folder holds, in one sentence."""
    n_annotations = sum(len(entry.annotations) for entry in survey.recordings)
    if not survey.recordings:
        return "No annotated recordings."
    return (
        f"{count(len(survey.recordings), 'recording')}, {duration(survey.duration_seconds)} in all, with "
        f"{count(n_annotations, 'annotation')} of {count(len(survey.song_types), 'song type')}."
    )


def song_type_table(survey: Survey) -> str:
    """Return the song types as an HTML table."""
    colours = song_colours([song_type.name for song_type in survey.song_types])
    n_files = len(survey.recordings)
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[s.name], s.name)}</td>'
        f'<td>{s.category}</td><td class="dss-number">{s.count:,}</td>'
        f'<td class="dss-number">{escape(total(s.seconds)) if s.category == "segment" else "–"}</td>'
        f'<td class="dss-number">{s.n_files} of {n_files}</td></tr>'
        for s in survey.song_types
    )
    return (
        '<table class="dss-table dss-song-types"><thead><tr><th>Song type</th><th>Category</th>'
        '<th class="dss-number">Annotations</th><th class="dss-number">Together</th>'
        '<th class="dss-number">Recordings</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def recording_table(survey: Survey) -> str:
    """Return the recordings as an HTML table."""
    rows = "".join(
        f'<tr><td class="dss-name" title="{escape(entry.name)}">{escape(entry.name)}</td>'
        f'<td class="dss-number">{duration(entry.recording.duration_seconds)}</td>'
        f'<td class="dss-number">{rate(entry.recording.samplerate_hz)}</td>'
        f'<td class="dss-number">{entry.recording.n_channels}</td><td class="dss-number">{len(entry.annotations):,}</td>'
        f'<td class="dss-name dss-quiet" title="{escape(entry.annotations.file)}">{escape(entry.annotations.file)}</td></tr>'
        for entry in survey.recordings
    )
    return (
        '<table class="dss-table dss-recordings"><thead><tr><th>Recording</th><th class="dss-number">Duration</th>'
        '<th class="dss-number">Sample rate</th><th class="dss-number">Channels</th><th class="dss-number">Annotations</th>'
        f"<th>from</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def survey_tables(survey: Survey) -> str:
    """Return both tables; the longer one, of the recordings, folded away."""
    return (
        f'<div class="dss-stack-tight">{scrolling(song_type_table(survey), "Song types")}'
        f"<details><summary>{count(len(survey.recordings), 'recording')}</summary>"
        f"{scrolling(recording_table(survey), 'Recordings')}</details></div>"
    )
