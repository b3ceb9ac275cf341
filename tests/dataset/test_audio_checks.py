"""Checks that read the audio: NaN, clipped, silent, faint and damaged recordings are told, sound ones are not."""

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import check_audio
from dss_widgets.dataset.checks import audio as audio_checks
from dss_widgets.dataset.checks.problem_table import write_problems
from dss_widgets.errors import Cancelled, DataError, Problem

SONG = [("sine", 0.1 * i, 0.1 * i + 0.05) for i in range(4)]


@pytest.fixture
def write(folder):
    def write(audio: np.ndarray, subtype: str = "PCM_16", name: str = "rec"):
        folder.rows(name, SONG)
        soundfile.write(folder.path / f"{name}.wav", audio, 1000, subtype=subtype)
        return folder

    return write


def told(folder) -> list[str]:
    return [str(problem) for problem in check_audio(folder.survey()).problems]


def test_sound_audio_has_no_problems(write):
    assert told(write(np.random.default_rng(0).uniform(-0.9, 0.9, 1000))) == []


def test_loud_audio_that_touches_full_scale_for_a_moment_is_not_clipped(write):
    audio = np.zeros(1000)
    audio[[10, 11, 500]] = 1.0
    assert told(write(audio)) == []


@pytest.mark.parametrize("block", [2**20, 7])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("sign", [1, -1])
def test_clipped_audio_is_a_warning_with_the_first_time(write, monkeypatch, block, subtype, sign):
    monkeypatch.setattr(audio_checks, "_BLOCK_VALUES", block)
    audio = np.random.default_rng(0).uniform(-0.9, 0.9, 1000)
    audio[250:255] = sign
    assert told(write(audio, subtype)) == [
        "rec.wav: is clipped 3 times, first at 0.250 s. Record with less gain, if it can be done again."
    ]


def test_float_audio_on_another_scale_is_not_clipped(write):
    assert told(write(np.full(1000, 5.0), "FLOAT")) == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinite_values_are_an_error_with_the_first_time(write, value):
    audio = np.zeros(1000)
    audio[300] = value
    folder = write(audio, "FLOAT")
    assert told(folder)[0].startswith("rec.wav: holds NaN or infinite values, first at 0.300 s.")
    assert check_audio(folder.survey()).errors


def test_a_silent_recording_and_a_silent_channel_are_warnings(write):
    assert told(write(np.zeros(1000))) == ["rec.wav: is silent from beginning to end. Leave it out."]
    audio = np.random.default_rng(0).uniform(-0.9, 0.9, (1000, 3))
    audio[:, 1] = 0
    assert told(write(audio)) == ["rec.wav: is silent in channel 2. Check the microphone."]


def test_faint_audio_is_a_warning(write):
    assert "too faint for float16" in told(write(np.full(1000, 1e-6), "FLOAT"))[0]


def test_a_file_that_ends_early_is_an_error(write):
    folder = write(np.random.default_rng(0).uniform(-0.9, 0.9, 1000))
    found = folder.survey()
    path = folder.path / "rec.wav"
    path.write_bytes(path.read_bytes()[:500])
    assert check_audio(found).errors[0].file == "rec.wav"


def test_progress_is_told_and_the_work_can_be_cancelled(write):
    folder = write(np.zeros(1000), name="a")
    write(np.ones(500) * 0.1, name="b")
    steps = []
    check_audio(folder.survey(), progress=steps.append)
    assert [step.done_samples for step in steps] == [1000, 1500]
    with pytest.raises(Cancelled):
        check_audio(folder.survey(), cancelled=lambda: True)


def test_problems_can_be_saved_as_a_table(tmp_path):
    problems = [Problem("ends, too early.", "Mend it.", file="a.csv", row=3), Problem("odd", severity="warning", field="seed")]
    text = write_problems(tmp_path / "problems.csv", problems).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "severity,file,row,field,message,mend",
        'error,a.csv,3,,"ends, too early.",Mend it.',
        "warning,,,seed,odd,",
    ]
    with pytest.raises(DataError, match="cannot be written"):
        write_problems(tmp_path, problems)
