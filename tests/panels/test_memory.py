"""What was used with a folder comes back with it, also with two tabs and a broken file."""

from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import Dashboard, this_request
from dss_widgets.panels.memory import last_folder, memory_file, recall, remember
from dss_widgets.panels.page_request import PageRequest


def test_values_come_back_with_their_folder():
    remember("assembly", "/a", AssemblyOptions(data_folder="/a", gap_seconds=0.002))
    remember("assembly", "/b", AssemblyOptions(data_folder="/b", train_split="files"))
    options = AssemblyOptions(data_folder="/a")
    recall("assembly", options, "/a")
    assert (options.gap_seconds, options.train_split) == (0.002, "samples")
    assert last_folder("assembly") == "/b"


def test_a_file_that_is_broken_or_of_another_version_is_no_obstacle():
    memory_file().parent.mkdir(parents=True)
    for text in ("{", "[]", '{"assembly": 3}', '{"assembly": {"/a": {"no_option": 1, "gap_seconds": "x", "seed": 4}}}'):
        memory_file().write_text(text)
        options = AssemblyOptions()
        recall("assembly", options, "/a")
        last_folder("training")
    assert options.seed == 4, "what can be used is used"


def test_a_place_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    remember("assembly", "/a", AssemblyOptions())


def test_a_folder_that_may_not_be_used_here_is_not_opened_again(tmp_path, monkeypatch):
    for folder in (tmp_path / "in", tmp_path / "out"):
        remember("assembly", str(folder), AssemblyOptions())
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "in"))
    assert last_folder("assembly") == str(tmp_path / "in")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "elsewhere"))
    assert last_folder("assembly") == ""


def test_it_does_not_grow_without_end():
    for i in range(60):
        remember("assembly", f"/{i}", AssemblyOptions())
    assert last_folder("assembly") == "/59"
    assert memory_file().stat().st_size < 5000
    assert not list(memory_file().parent.glob(".*.partial*"))


def test_assembling_is_remembered_and_the_dashboard_opens_with_it(bird):
    first = Dashboard(folder=str(bird))
    panel = first.panel(0)
    panel.form.fields["gap_seconds"].widget.value = "3"
    panel.assemble()
    second = Dashboard()
    assert second.panel(0).options.data_folder == str(bird)
    assert second.panel(0).options.gap_seconds == 0.003


def test_a_link_counts_more_than_the_environment_and_that_more_than_the_last_visit(monkeypatch):
    remember("assembly", "/last", AssemblyOptions())
    assert this_request() == PageRequest("/last", "")
    monkeypatch.setenv("DSS_WIDGETS_FOLDER", "/demo")
    assert this_request() == PageRequest("/demo", "")
    monkeypatch.setenv("QUERY_STRING", "run=20260101_120000")
    assert this_request() == PageRequest("/demo", "", "20260101_120000")
    monkeypatch.setenv("QUERY_STRING", "folder=/a%20b&token=secret")
    assert this_request() == PageRequest("/a b", by_link=True)
