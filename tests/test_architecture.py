"""The house's rules: who may import whom, and that tensorflow stays out of the kernel."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dss_widgets"

ALLOWED = {
    "options": {"options"},
    "dataset": {"dataset", "options"},
    "results": {"results", "dataset", "options"},
    "annotating": {"annotating", "results", "dataset", "options"},
    "review": {"review"},
    "network": {"network", "results", "dataset", "options"},
    "jobs": {"jobs", "results", "dataset", "options"},
    "panels": {"panels", "jobs", "review", "annotating", "results", "dataset", "options"},
    "cli": {"cli", "panels", "jobs", "review", "annotating", "results", "dataset", "options"},
}
WORKER_SIDE = "jobs/kinds/"
"""What a worker does is declared here: within functions, which run in the worker alone, the network may be imported."""
OUTSIDE = {
    "tensorflow": {"network"},
    "keras": {"network"},
    "ipywidgets": {"panels"},
    "bqplot": {"panels"},
    "anywidget": {"panels"},
    "IPython": {"panels"},
    "voila": {"cli", "panels"},
}


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a file imports, also within functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


PANELS = (
    "page", "background", "background_job", "job_watch", "memory", "style", "action", "panel", "page_request", "forms", "sound",
    "annotation", "run_history", "datasets", "assembly", "monitoring", "training", "results", "prediction", "steps", "monitor",
    "dashboard", "__init__",
)  # fmt: skip
"""What there is in the room of the panels: each uses what stands before it, none what comes after."""

FILES = sorted(path for room in ALLOWED for path in (PACKAGE / room).rglob("*.py"))


def test_every_room_is_there():
    assert {path.relative_to(PACKAGE).parts[0] for path in FILES} == set(ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_imports_only_from_rooms_before_it(path):
    inside = path.relative_to(PACKAGE).as_posix()
    allowed = ALLOWED[inside.split("/")[0]] | ({"network"} if inside.startswith(WORKER_SIDE) else set())
    rooms = {parts[1] for name in imports_of(path) if (parts := name.split("."))[0] == "dss_widgets" and len(parts) > 1}
    assert rooms & set(ALLOWED) <= allowed, f"{inside} reaches into {sorted(rooms & set(ALLOWED) - allowed)}"


def started_modules(path):
    """Return the modules that a file's code starts as processes: what follows "-m" in a list."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.List | ast.Tuple):
            words = [item.value if isinstance(item, ast.Constant) else None for item in node.elts]
            yield from ((words, words[i + 1]) for i, word in enumerate(words[:-1]) if word == "-m")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_modules_that_could_be_imported_are_started_and_with_a_safe_path(path):
    room = path.relative_to(PACKAGE).parts[0]
    for words, module in started_modules(path):
        parts = str(module).split(".")
        assert parts[0] != "dss_widgets" or parts[1] in ALLOWED[room], f"{path} starts {module}, which it may not import"
        assert "-P" in words, f"{path} starts {module} where a file in the current folder could take its place"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_big_libraries_stay_in_their_rooms(path):
    room = path.relative_to(PACKAGE).parts[0]
    tops = {name.split(".")[0] for name in imports_of(path)}
    strangers = {library for library in tops & set(OUTSIDE) if room not in OUTSIDE[library]}
    assert not strangers, f"{path} imports {sorted(strangers)}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "panels").rglob("*.py")), ids=lambda path: path.name)
def test_panels_import_only_from_panels_before_them(path):
    own = path.relative_to(PACKAGE / "panels").parts[0].removesuffix(".py")
    used = {parts[2] for name in imports_of(path) if (parts := name.split("."))[:2] == ["dss_widgets", "panels"] and parts[2:]}
    assert used & set(PANELS) <= set(PANELS[: PANELS.index(own) + 1])


@pytest.mark.parametrize(
    "module",
    ["dss_widgets.panels", "dss_widgets.cli", "dss_widgets.jobs", "dss_widgets.jobs.worker", "dss_widgets.results"],
)
def test_tensorflow_is_not_imported_by(module):
    code = f"import sys, {module}; print(sorted(m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'keras')))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_public_names_have_docstrings():
    bare = []
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            bare.append(str(path))
        bare += [
            f"{path}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert not bare
