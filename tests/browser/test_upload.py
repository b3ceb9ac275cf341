"""Recordings are sent from the browser's machine, piece by piece, and are there to be assembled."""

import numpy as np
import pytest
import soundfile
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]


SLOWLY = "File.prototype.slice = () => ({ arrayBuffer: () => new Promise(() => {}) })"
"""JavaScript: no piece of a file is ever read, so that there is time to cancel."""

DROP = """() => {
    const leaf = (name, words) => ({ name, isFile: true, file: done => done(new File([words], name)) });
    const folder = (name, inside) => {
        const left = [inside, []];
        return { name, isFile: false, createReader: () => ({ readEntries: done => done(left.shift()) }) };
    };
    File.prototype.slice = Blob.prototype.slice;
    const entry = folder('day 1', [folder('in', [leaf('c.wav', 'RIFF')]), leaf('x.exe', 'no'), leaf('.DS_Store', 'no')]);
    const event = new Event('drop', { bubbles: true, cancelable: true });
    event.dataTransfer = { items: [{ webkitGetAsEntry: () => entry }] };
    document.querySelector('.dss-upload-drop').dispatchEvent(event);
}"""
"""JavaScript: a folder with a folder in it is dropped; browsers let no script make a real one."""


@pytest.fixture
def recordings(tmp_path):
    """A recording of several pieces, its annotations, and a file that is neither."""
    folder = tmp_path / "mine"
    folder.mkdir()
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, 40 * 16_000)
    soundfile.write(folder / "bird 1.wav", noise, 16_000, subtype="PCM_16")
    (folder / "bird 1_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,2\na,5,6\n")
    (folder / "run.py").write_text("print('no')\n")
    return folder


def test_recordings_are_sent_into_the_open_folder_and_over_nothing(page, tmp_path, recordings):
    root = tmp_path / "root"
    (root / "sent").mkdir(parents=True)
    sound, notes = recordings / "bird 1.wav", recordings / "bird 1_annotations.csv"
    with serve("serve", "assemble", "--root", str(root), env={"XDG_STATE_HOME": str(tmp_path / "state")}) as server:
        page.goto(server.link)
        field = page.locator(".dss-field-data_folder")
        field.locator(".dss-browse").click()
        field.locator(".dss-entry", has_text="sent").click()
        field.get_by_text("No folders in here").wait_for()
        chooser, said = field.locator("input[type=file]:enabled"), field.locator(".dss-upload-said")  # off while it sends

        chooser.set_input_files(recordings / "run.py")
        said.get_by_text("neither a recording nor annotations").wait_for()
        chooser.set_input_files([sound, notes])
        said.get_by_text("2 files uploaded").wait_for()
        assert (root / "sent" / sound.name).read_bytes() == sound.read_bytes()
        assert (root / "sent" / notes.name).read_bytes() == notes.read_bytes()

        chooser.set_input_files(notes)
        said.get_by_text("is there already").wait_for()
        notes.write_text("name,start_seconds,stop_seconds\na,1,2\n")
        field.get_by_label("Replace files of the same name").check()
        chooser.set_input_files(notes)
        said.get_by_text("1 file uploaded").wait_for()
        assert (root / "sent" / notes.name).read_bytes() == notes.read_bytes()

        page.evaluate(SLOWLY)
        chooser.set_input_files(sound.rename(sound.with_name("bird 2.wav")))
        field.locator(".dss-upload-cancel").click()
        said.get_by_text("Cancelled").wait_for()
        assert sorted(path.name for path in (root / "sent").iterdir()) == [sound.name, notes.name]

        page.evaluate(DROP)
        said.get_by_text("1 file uploaded").wait_for()
        assert (root / "sent" / "day 1" / "in" / "c.wav").read_bytes() == b"RIFF"
        field.locator(".dss-entry", has_text="day 1").wait_for()

        field.locator(".dss-use-folder").click()
        page.locator(".dss-folder-summary", has_text="1 recording").wait_for()
        assert sorted(path.name for path in (root / "sent").iterdir()) == [sound.name, notes.name, "day 1"]
