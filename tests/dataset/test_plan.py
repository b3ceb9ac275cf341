"""Plan: which stretch goes where, how much of what that is, and what to tell before anything is written."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import from_arrays, plan_splits
from dss_widgets.errors import OptionsError
from dss_widgets.options import AssemblyOptions

FILES = {"train_split": "files", "val_split": "files", "test_split": "files"}


def files_of(plan, split: str) -> set[str]:
    return {stretch.recording for stretch in plan.of_split(split)}


def told(plan) -> list[str]:
    return [str(problem) for problem in plan.problems]


def of_recordings(lengths: list[int], **options):
    silence = {f"r{i:03}": (np.zeros(n), 100, [("a", 0, 0.01)]) for i, n in enumerate(lengths)}
    return plan_splits(from_arrays(silence), AssemblyOptions(**{"seed": 1, **options}))


# --- what holds always


def some_options() -> st.SearchStrategy[dict]:
    names = ("train", "val", "test")
    thirds = (0.3333, 0.3333, 0.3333)
    fractions = st.sampled_from([(0.6, 0.2, 0.2), (0.8, 0.2, 0.0), (0.8, 0.1, 0.1), (1.0, 0.0, 0.0), thirds, (0.1, 0.1, 0.1)])
    ways = st.tuples(*[st.sampled_from(["files", "samples"])] * 3)
    others = st.fixed_dictionaries(
        {
            "stratify": st.sampled_from(["no", "two-parts", "blocks"]),
            "block_seconds": st.just(1.0),
            "guard_seconds": st.sampled_from([0.0, 0.05, 3.0]),
            "seed": st.integers(0, 1000),
        }
    )
    return st.builds(
        lambda shares, hows, more: {
            **{f"{name}_fraction": share for name, share in zip(names, shares, strict=True)},
            **{f"{name}_split": how for name, how in zip(names, hows, strict=True)},
            **more,
        },
        fractions,
        ways,
        others,
    )


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=8), some_options())
def test_stretches_never_overlap_and_fill_every_split_without_holes(lengths, options):
    plan = of_recordings(lengths, **options)
    taken = {f"r{i:03}": np.zeros(n, int) for i, n in enumerate(lengths)}
    positions = dict.fromkeys(("train", "val", "test"), 0)
    for stretch in plan.stretches:
        assert stretch.position == positions[stretch.split]
        assert 0 <= stretch.start < stretch.stop <= len(taken[stretch.recording])
        positions[stretch.split] += stretch.n_samples
        taken[stretch.recording][stretch.start : stretch.stop] += 1
    assert all(times.max() <= 1 for times in taken.values())
    assert not any(positions[split] for split in positions if options[f"{split}_fraction"] == 0)
    if options["guard_seconds"] == 0 and sum(options[f"{split}_fraction"] for split in positions) == 1:
        assert all(times.min() == 1 for times in taken.values())


# --- by samples


def test_fractions_are_of_all_data(folder):
    folder.many(3)
    plan = folder.plan(train_fraction=0.5, val_fraction=0.3, test_fraction=0.2)
    assert plan.split_seconds() == pytest.approx({"train": 15, "val": 9, "test": 6}, abs=0.01)


def test_by_samples_every_recording_is_in_every_split(folder):
    folder.many(3)
    for split in ("train", "val", "test"):
        assert len(files_of(folder.plan(), split)) == 3


def test_the_order_of_the_splits_differs_between_recordings(folder):
    folder.many(12, 2)
    orders = {tuple(s.split for s in folder.plan().stretches if s.recording == f"rec{i:02}.wav") for i in range(12)}
    assert len(orders) > 2


def test_two_parts_cuts_every_share_in_two(folder):
    folder.many(1)
    stretches = folder.plan(stratify="two-parts").stretches
    assert sorted(s.split for s in stretches) == ["test", "test", "train", "train", "val", "val"]


@pytest.mark.parametrize("stratify", ["no", "two-parts", "blocks"])
def test_recordings_shorter_than_a_block_do_not_vanish(folder, stratify):
    folder.many(4, seconds=3)
    plan = folder.plan(stratify=stratify, block_seconds=10)
    assert plan.left_out_seconds == 0
    assert len({stretch.recording for stretch in plan.stretches}) == 4


def test_the_last_shorter_block_is_dealt_too(folder):
    folder.many(2, seconds=7)
    plan = folder.plan(stratify="blocks", block_seconds=2)
    assert sum(plan.split_samples.values()) == 14_000


def test_blocks_give_every_split_its_share_of_every_song_type(folder):
    rng = np.random.default_rng(0)
    for i in range(4):  # song in clumps, as it is sung
        common = [("common", t, t + 0.2) for t in np.sort(rng.choice(np.arange(0, 50, 0.25), 60, replace=False)).tolist()]
        rare = [("rare", t, t + 0.1) for t in (rng.uniform(0, 45) + np.arange(8) * 0.5).tolist()]
        folder.add(f"rec{i}", [*common, *rare], 60, rate=100)
    blocks = {(r["split"], r["song_type"]): r["share"] for r in folder.plan(stratify="blocks", block_seconds=2).table()}
    for name in ("common", "rare"):
        assert [blocks[s, name] for s in ("train", "val", "test")] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)


# --- by files


@pytest.mark.parametrize("n", [3, 4, 5, 10])
@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.1), (0.6, 0.2, 0.2), (0.3333, 0.3333, 0.3333)])
def test_by_files_no_split_that_was_asked_for_is_empty(folder, n, fractions):
    folder.many(n, 2)
    train, val, test = fractions
    plan = folder.plan(**FILES, train_fraction=train, val_fraction=val, test_fraction=test)
    assert all(files_of(plan, split) for split in ("train", "val", "test"))
    assert len(plan.stretches) == n


@pytest.mark.parametrize("test_split", ["files", "samples"])
def test_without_a_test_split_nothing_crashes(folder, test_split):
    folder.many(3, 2)
    plan = folder.plan(train_fraction=0.8, val_fraction=0.2, test_fraction=0, test_split=test_split)
    assert plan.errors == ()
    assert files_of(plan, "test") == set()


def test_mixed_files_are_dealt_first_and_the_others_are_cut(folder):
    folder.many(10, 2)
    plan = folder.plan(test_split="files")
    assert len(files_of(plan, "test")) == 2
    assert files_of(plan, "train") == files_of(plan, "val")
    assert not files_of(plan, "test") & files_of(plan, "train")
    assert plan.split_seconds() == pytest.approx({"train": 12, "val": 4, "test": 4}, abs=0.01)


def test_too_few_files_for_the_splits_are_told(folder):
    folder.many(2, 2)
    plan = folder.plan(**FILES)
    assert any("2 recordings cannot be dealt to 3 parts" in line for line in told(plan))
    assert any("comes out empty" in line for line in told(plan))


def test_stratified_files_match_the_shares_of_the_song_types(folder):
    rng = np.random.default_rng(0)
    for i in range(20):
        rows = [("common", t, t + 0.5) for t in range(int(rng.integers(1, 9)))]
        rows += [("rare", 0.6, 0.6 + 0.3)] if i % 4 == 0 else []
        folder.add(f"rec{i:02}", rows, 10, rate=100)
    shares = {(r["split"], r["song_type"]): r["share"] for r in folder.plan(**FILES, stratify="blocks").table()}
    assert shares["train", "rare"] == pytest.approx(0.6)
    assert shares["val", "rare"] == pytest.approx(0.2)
    assert shares["train", "common"] == pytest.approx(0.6, abs=0.1)


# --- groups


@pytest.fixture
def birds(folder):
    for bird in "abcdef":
        for day in range(3):
            folder.add(f"bird{bird}_{day}", seconds=2)
    return folder


def birds_of(plan, split: str) -> set[str]:
    return {name.split("_")[0] for name in files_of(plan, split)}


@pytest.mark.parametrize("group", ["^([^_]+)_", "^bird[a-f]"])
def test_groups_by_a_regular_expression_are_never_divided(birds, group):
    plan = birds.plan(**FILES, group=group)
    splits = [birds_of(plan, split) for split in ("train", "val", "test")]
    assert sum(map(len, splits)) == 6
    assert all(splits)


def test_groups_by_a_column_of_a_table_are_never_divided(birds, tmp_path):
    lines = [f"bird{bird}_{day}.wav,{'north' if bird in 'abc' else 'south'}" for bird in "abcdef" for day in range(3)]
    (tmp_path / "t.csv").write_text("file,site\n" + "\n".join(lines))
    plan = birds.plan(
        train_split="files", val_split="files", train_fraction=0.5, val_fraction=0.5, test_fraction=0,
        group="site", group_table=str(tmp_path / "t.csv"),
    )  # fmt: skip
    assert sorted([birds_of(plan, "train"), birds_of(plan, "val")], key=sorted) == [
        {"birda", "birdb", "birdc"},
        {"birdd", "birde", "birdf"},
    ]


def test_recordings_without_a_group_are_told_and_stand_alone(birds):
    birds.add("odd", seconds=2)
    assert any("gives no group for odd.wav" in line for line in told(birds.plan(**FILES, group="^(bird.)_")))


def test_a_table_without_the_column_is_an_error_that_names_the_columns(birds, tmp_path):
    (tmp_path / "t.csv").write_text("file,site\n")
    with pytest.raises(OptionsError, match="no column 'bird', only file, site"):
        birds.plan(**FILES, group="bird", group_table=str(tmp_path / "t.csv"))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("file;bird\na.wav;1\n", "has no column 'file', only file;bird. Its first row names the columns, with commas"),
        ("", "has no column 'file', only nothing"),
        ("file,bird,bird\n", "has more than one column 'bird'"),
        ("file,bird\nbirda_0.wav,1\n\nbirda_0.wav,2\n", "t.csv, row 4: birda_0.wav is in '2' here and in '1' before"),
        ("file,bird\n\xe9", "is not text in UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_an_error_that_says_why(birds, tmp_path, table, told):
    (tmp_path / "t.csv").write_bytes(table.encode("latin-1"))
    with pytest.raises(OptionsError) as error:
        birds.plan(**FILES, group="bird", group_table=str(tmp_path / "t.csv"))
    assert told in str(error.value)


def test_a_table_may_have_a_mark_spaces_and_names_without_their_endings(birds, tmp_path):
    lines = [f"bird{bird}_{day} , {bird} " for bird in "abcdef" for day in range(3)]
    (tmp_path / "t.csv").write_text("file , bird \r\n" + "\r\n".join(lines), encoding="utf-8-sig")
    plan = birds.plan(**FILES, group="bird", group_table=str(tmp_path / "t.csv"))
    assert set(plan.individuals.values()) == set("abcdef")


def test_a_recording_whose_rate_cannot_be_meant_is_an_error_that_names_it(folder):
    folder.many(2)
    folder.add("odd", [("sine", 0, 1e-9)], 1e-6, rate=2**31 - 1)
    assert [problem.file for problem in folder.plan().errors] == ["odd.wav"]
    assert "has a sample rate of 2.1474836e+09 Hz, worlds apart from the dataset's 1000 Hz" in folder.plan().errors[0].message


def test_a_group_without_effect_is_told(birds):
    assert any("no split is made by files" in line for line in told(birds.plan(group="^([^_]+)_")))


def problems_of(plan, *fields):
    return [problem for problem in plan.problems if problem.field in fields]


def test_each_animal_stays_in_one_split_when_asked_for(birds):
    plan = birds.plan(keep_individuals_together=True)
    splits = [birds_of(plan, split) for split in ("train", "val", "test")]
    assert sum(map(len, splits)) == 6
    assert all(splits)
    assert set(plan.individuals.values()) == {f"bird{bird}" for bird in "abcdef"}
    assert not problems_of(plan, "group", "keep_individuals_together")


def test_animals_that_names_do_not_tell_cannot_be_kept_together(folder):
    folder.many(4, 2)
    plan = folder.plan(keep_individuals_together=True)
    (problem,) = problems_of(plan, "keep_individuals_together")
    assert problem.is_error
    assert "do not tell the animals apart" in problem.message


def test_what_keeping_groups_whole_does_to_the_shares_is_said_once(folder):
    for bird in "ab":
        for day in range(3):
            folder.add(f"bird{bird}_{day}", seconds=2)
    plan = folder.plan(keep_individuals_together=True)
    assert not any("comes out empty" in line or "cannot be dealt" in line for line in told(plan)), "one cause, one note"
    (told_once,) = problems_of(plan, "keep_individuals_together", "group")
    assert "2 animals whole" in told_once.message
    assert "train 50% (asked for 60%)" in told_once.message
    assert told_once.severity == "warning"


def test_a_group_that_all_recordings_share_is_one_error(birds):
    plan = birds.plan(**FILES, group="^(bird)")
    (problem,) = [problem for problem in plan.problems if problem.field != "train_fraction"]
    assert problem.is_error
    assert problem.field == "group"
    assert "all recordings into one group, 'bird'" in problem.message


# --- guard, left out, seed


def test_a_guard_is_left_out_between_neighbours_of_different_splits(folder):
    folder.many(1)
    stretches = sorted(folder.plan(guard_seconds=0.5).stretches, key=lambda s: s.start)
    assert [b.start - a.stop for a, b in itertools.pairwise(stretches)] == [500, 500]
    assert (stretches[0].start, stretches[-1].stop) == (0, 10_000)


def test_what_no_split_gets_is_told(folder):
    folder.many(2)
    plan = folder.plan(train_fraction=0.5, val_fraction=0.1, test_fraction=0.1)
    assert plan.left_out_seconds == pytest.approx(6, abs=0.01)
    assert any("6.0 s of audio (30%) go to no split" in line for line in told(plan))


def test_fractions_above_one_are_an_error_that_names_the_field(folder):
    folder.many(2, 2)
    with pytest.raises(OptionsError, match=r"train_fraction: train, validation and test add up to 1\.2"):
        folder.plan(train_fraction=0.8)


@pytest.mark.parametrize("options", [{}, FILES, {"stratify": "blocks", "block_seconds": 0.5}, {"stratify": "two-parts"}])
def test_the_seed_decides_every_way_of_splitting(folder, options):
    folder.many(8, 3)
    one, same, other = (folder.plan(**options, seed=seed).stretches for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_without_a_seed_every_plan_differs_and_keeps_the_seed_that_was_drawn(folder):
    folder.many(6, 2)
    one, other = folder.plan(seed=None), folder.plan(seed=None)
    assert one.options.seed != other.options.seed
    assert folder.plan(seed=one.options.seed).stretches == one.stretches


# --- of all possible splits, the one that represents the song types


def sung_by_chance(n: int, rng: np.random.Generator, bouts: int):
    """Return recordings of 12 s with bouts at the times of chance, in each of which some of the types a to e are sung."""
    recordings = {}
    for i in range(n):
        song = [
            (name, start + 0.4 * k, start + 0.4 * k + 0.3)
            for start in rng.uniform(0, 10, bouts).tolist()
            for k, name in enumerate(rng.permutation(list("abcde"))[:4].tolist())
        ]
        recordings[f"r{i:03}"] = (np.zeros(1200), 100, song)
    return from_arrays(recordings)


@pytest.mark.parametrize("seed", range(6))
def test_of_all_orders_in_which_recordings_can_be_cut_the_best_is_taken(seed):
    song = sung_by_chance(4, np.random.default_rng(seed), bouts=1)
    shares = np.array([0.6, 0.2, 0.2])[:, None]
    orders = [np.array(order) for order in itertools.permutations(range(3))]

    def of_order(name: str, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        edges, amounts = 12 * np.cumsum([0, *shares[order, 0]]), song.song_amounts[name]
        return amounts.counts(edges)[np.argsort(order)], amounts.seconds(edges)[np.argsort(order)]

    def rating(counts: np.ndarray, seconds: np.ndarray) -> tuple[int, float]:
        parts = np.hstack([counts / counts.sum(axis=0), seconds / seconds.sum(axis=0)])
        return int((counts == 0).sum()), float(((parts - shares) ** 2).sum())

    pieces = [[of_order(entry.name, order) for order in orders] for entry in song.recordings]
    best = min(rating(sum(c for c, _ in cut), sum(s for _, s in cut)) for cut in itertools.product(*pieces))
    found = rating(*plan_splits(song, AssemblyOptions(seed=seed)).amounts)
    assert found[0] == best[0]
    assert found[1] == pytest.approx(best[1], rel=1e-3)


def missing_types(plan) -> list[tuple[str, str]]:
    return [(row["song_type"], row["split"]) for row in plan.table() if row["count"] == 0]


WAYS = [(), ("test",), ("train", "val", "test")]


@pytest.mark.parametrize("by_files", WAYS, ids=["samples", "test by files", "files"])
@pytest.mark.parametrize("stratify", ["no", "two-parts"])
def test_no_song_type_is_missing_from_a_split_whatever_the_seed(by_files, stratify):
    options = {f"{split}_split": "files" for split in by_files} | {"stratify": stratify}
    for seed in range(15):
        song = sung_by_chance(10, np.random.default_rng(seed), bouts=3)
        plan = plan_splits(
            song, AssemblyOptions(**options, train_fraction=0.64, val_fraction=0.16, test_fraction=0.2, seed=seed)
        )
        assert missing_types(plan) == []
        if not by_files:
            assert plan.split_seconds() == pytest.approx({"train": 76.8, "val": 19.2, "test": 24}, abs=0.2)


def test_groups_stay_whole_where_the_song_types_would_have_it_otherwise():
    song = {
        f"{bird}_{i}": (np.zeros(1000), 100, [(bird[0], 1, 2)]) for bird in ("anna", "bert", "cleo", "dora") for i in (1, 2)
    }
    plan = plan_splits(from_arrays(song), AssemblyOptions(**FILES, group="^([a-z]+)_", seed=1))
    assert not plan.individuals_of("train") & (plan.individuals_of("val") | plan.individuals_of("test"))


def test_of_many_recordings_too_those_with_what_is_rare_are_cut_so_that_every_split_has_it():
    song = {f"r{i:04}": (np.zeros(100), 100, [("a", 0.1, 0.2)]) for i in range(1000)}
    song |= {f"s{i}": (np.zeros(100), 100, [("a", 0.1, 0.2), ("rare", 0.01, 0.05)]) for i in range(6)}
    found = from_arrays(song)
    for seed in range(5):
        assert missing_types(plan_splits(found, AssemblyOptions(seed=seed))) == []


# --- the table and the warnings


def test_the_table_counts_every_annotation_once_also_at_the_very_ends(folder):
    folder.add("rec", [("pulse", t, t) for t in (0, 0.5, 1.0)] + [("sine", 0.2, 0.7)])
    rows = folder.plan().table()
    assert sum(row["count"] for row in rows if row["song_type"] == "pulse") == 3
    assert sum(row["seconds"] for row in rows if row["song_type"] == "sine") == pytest.approx(0.5)
    assert sum(row["share"] for row in rows if row["song_type"] == "pulse") == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_a_song_type_that_comes_once_is_told_to_be_missing_from_the_two_other_splits(folder, seed):
    folder.add("a", [("sine", i + 0.1, i + 0.3) for i in range(20)] + [("rare", 5.5, 5.6)], seconds=20, rate=1000)
    assert sum("'rare' does not occur in" in line for line in told(folder.plan(seed=seed))) == 2


def test_planning_writes_nothing(folder, contents):
    folder.many(2, 2)
    before = contents(folder.path.parent)
    folder.plan()
    assert contents(folder.path.parent) == before


@pytest.mark.parametrize("name", ["a/b", "a\tb", 'a"b', "a\\b", "x" * 300])
def test_a_name_that_cannot_be_a_file_is_an_error_only_with_individual_targets(folder, name):
    found = from_arrays({"r": (np.zeros(1000), 100, [(name, 1, 2)])})
    assert plan_splits(found, AssemblyOptions(seed=1)).errors == ()
    assert plan_splits(found, AssemblyOptions(seed=1, individual_targets=True)).errors[0].field == "individual_targets"


@pytest.mark.parametrize("stratify", ["no", "blocks"])
def test_planning_a_hundred_hours_in_a_thousand_recordings_is_little_work(stratify, counted_calls):
    audio = np.broadcast_to(np.float32(0), (3_600_000, 1))
    song = [(f"type{t % 10}", t * 5.0, t * 5.0 + 0.1) for t in range(70)]
    found = from_arrays({f"r{i:04}": (audio, 10_000, song) for i in range(1000)})
    with counted_calls() as calls:
        plan = plan_splits(found, AssemblyOptions(seed=1, stratify=stratify))
        plan.table()
    assert calls.n < 2_500_000


def test_checking_and_planning_8000_annotations_is_little_work(folder, counted_calls):
    folder.add("rec", [(f"type{i % 30}", i / 100, i / 100 + 0.005) for i in range(8000)], 81, rate=100)
    with counted_calls() as calls:
        folder.plan(stratify="blocks")
    assert calls.n < 600_000


def test_a_split_shorter_than_a_batch_of_the_usual_network_is_told(folder):
    folder.many(2, 10)
    fields = [problem.field for problem in folder.plan().problems if "less than one batch" in problem.message]
    assert fields == ["train_fraction", "val_fraction", "test_fraction"]


def test_splits_of_many_batches_are_not_told(folder):
    folder.add("rec", [("sine", t, t + 0.5) for t in range(20)], 20, rate=32_000)
    assert not [problem for problem in folder.plan().problems if "less than one batch" in problem.message]
