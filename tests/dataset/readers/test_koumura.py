"""Annotation.xml of Koumura and Okanoya: positions in samples, and only recordings within its folder."""

import pytest

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<Sequences><NumSequence>1</NumSequence>'
NOTE = "<Note><Position>100</Position><Length>200</Length><Label>0</Label></Note>"


def sequence(wav: str, notes: str = NOTE, position: int = 1000) -> str:
    return f"<Sequence><WaveFileName>{wav}</WaveFileName><Position>{position}</Position><Length>500</Length>{notes}</Sequence>"


def document(*sequences: str) -> str:
    return HEAD + "".join(sequences) + "</Sequences>"


@pytest.mark.parametrize("wav", ["0.wav", "Wave/0.wav"])
def test_recordings_lie_beside_it_or_in_wave(folder, wav):
    (folder.path / "Wave").mkdir()
    folder.audio(wav, 10, rate=1000)
    folder.text("Annotation.xml", document(sequence("0.wav"), sequence("0.wav", position=3000)))
    assert folder.entries("0.wav") == [("0", 1.1, 1.3), ("0", 3.1, 3.3)]


def test_a_damaged_recording_leaves_the_others_readable(folder):
    (folder.path / "Wave").mkdir()
    folder.audio("Wave/0.wav", 10, rate=1000)
    folder.text("Wave/1.wav", "no sound")
    folder.text("Annotation.xml", document(sequence("0.wav"), sequence("1.wav")))
    assert folder.entries("0.wav") == [("0", 1.1, 1.3)]
    assert any("1.wav" in error for error in folder.errors())


@pytest.mark.parametrize("wav", ["../../out/0.wav", "../out/0.wav", "{out}/0.wav", "link.wav"])
def test_a_recording_outside_of_the_roots_is_an_error_and_not_opened(folder, tmp_path, monkeypatch, wav):
    out = tmp_path / "out"
    out.mkdir()
    folder.audio("0.wav", 10, rate=1000)
    (folder.path / "0.wav").rename(out / "0.wav")
    (folder.path / "Wave").mkdir()
    (folder.path / "Wave" / "link.wav").symlink_to(out / "0.wav")
    folder.text("Annotation.xml", document(sequence(wav.format(out=out))))
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder.path))
    found = folder.survey()
    assert found.recordings == ()
    assert any("lies outside of the folders that may be used" in str(error) for error in found.errors)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (document(sequence("0.wav", NOTE.replace("100", "soon"))), "row 2: <Position> of <Note> is 'soon' and no number"),
        (document(sequence("0.wav", "<Note></Note>")), "row 2: a <Note> has no <Position>"),
        (document(sequence("0.wav"))[:-20], "is damaged XML"),
        ("<Sentences></Sentences>", "begins with <Sentences> and not with <Sequences>"),
    ],
)
def test_a_damaged_file_is_one_error(folder, text, told):
    folder.audio("0.wav", 10, rate=1000)
    folder.text("Annotation.xml", text)
    (error,) = folder.errors()
    assert told in error
