"""From arrays to a dataset: whatever the song and the options, nothing is lost, doubled or displaced."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import assemble, from_arrays, open_dataset, plan_splits, read_annotations
from dss_widgets.options import AssemblyOptions

RATE = 500.0

times = st.integers(0, 600).map(lambda n: n / 300)
segments = st.tuples(st.sampled_from(["sine", "01"]), times, times).map(lambda s: (s[0], min(s[1:]), max(s[1:])))
events = times.map(lambda t: ("pulse", t, t))
song = st.lists(st.one_of(segments.filter(lambda s: s[2] - s[1] > 0.01), events), min_size=1, max_size=10)
ways = st.sampled_from(["files", "samples"])
options = st.fixed_dictionaries(
    {
        "train_split": ways,
        "val_split": ways,
        "test_split": ways,
        "stratify": st.sampled_from(["no", "two-parts", "blocks"]),
        "block_seconds": st.sampled_from([0.1, 0.7]),
        "gap_seconds": st.sampled_from([0.0, 0.02]),
        "individual_targets": st.booleans(),
        "onset_offset_targets": st.booleans(),
        "store_format": st.sampled_from(["float16", "float32"]),
        "event_width_seconds": st.sampled_from([0.0, 0.004]),
        "seed": st.integers(0, 99),
    }
)


@given(songs=st.lists(song, min_size=1, max_size=4), options=options)
def test_a_dataset_holds_all_audio_and_all_song_once(tmp_path_factory, songs, options):
    rng = np.random.default_rng(0)
    recordings = {f"r{i}": (rng.uniform(-1, 1, 1000).astype(np.float32), RATE, rows) for i, rows in enumerate(songs)}
    survey = from_arrays(recordings)
    store = tmp_path_factory.mktemp("way") / "x.npy"
    plan = plan_splits(survey, AssemblyOptions(store_folder=str(store), **options))
    if plan.errors:
        return
    dataset = open_dataset(assemble(plan))

    expected = np.sort(np.concatenate([audio for audio, _, _ in recordings.values()]).astype(options["store_format"]))
    np.testing.assert_array_equal(np.sort(np.concatenate([s.x[:, 0] for s in dataset.splits.values()])), expected)
    for split in dataset.splits.values():
        np.testing.assert_allclose(np.asarray(split.y(), float).sum(axis=1), 1, atol=2e-3)
        for name in dataset.song_types:
            np.testing.assert_allclose(np.asarray(split.y(name), float).sum(axis=1), 1, atol=2e-3)
    n_pulses = sum(name == "pulse" for rows in songs for name, _, _ in rows)
    written = [read_annotations(store / split / "x_annotations.csv")[0] for split in dataset.splits]
    assert sum(int((annotations.names == "pulse").sum()) for annotations in written) == n_pulses
    sung = sum(stop - start for rows in songs for name, start, stop in rows if name == "sine")
    found = sum(float((a.stop_seconds - a.start_seconds)[a.names == "sine"].sum()) for a in written)
    n_cuts = len(plan.stretches)
    assert abs(found - sung) <= n_cuts * 12 / RATE
