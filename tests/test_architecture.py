"""The house's rules: who may import whom, and that tensorflow stays out of the kernel."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dss_widgets"

ALLOWED = {
    "options": {"options"},
    "dataset": {"dataset", "options"},
    "results": {"results", "dataset", "options"},
    "annotating": {"annotating", "results", "dataset", "options"},
    "review": {"review", "results", "dataset", "options"},
    "network": {"network", "review", "results", "dataset", "options"},
    "jobs": {"jobs", "review", "results", "dataset", "options"},
    "panels": {"panels", "jobs", "review", "annotating", "results", "dataset", "options"},
    "cli": {"cli", "panels", "jobs", "review", "annotating", "results", "dataset", "options"},
}
WORKER_SIDE = "jobs/kinds/"
"""What a worker does is declared here: within functions, which run in the worker alone, the network may be imported."""
OUTSIDE = {
    "tensorflow": {"network"},
    "keras": {"network"},
    "openvino": {"network"},
    "ipywidgets": {"panels"},
    "bqplot": {"panels"},
    "anywidget": {"panels"},
    "IPython": {"panels"},
    "voila": {"cli", "panels"},
}


@cache
def parsed(path: Path) -> ast.Module:
    """Return what a file says; not to be changed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    """Return the dotted names that a file imports, also within functions."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


PANELS = (
    "page", "background", "background_job", "job_watch", "memory", "style", "action", "panel", "page_request", "forms", "sound",
    "counts", "learning", "annotation", "run_history", "datasets", "assembly", "monitoring", "training", "results",
    "prediction", "steps", "monitor", "dashboard", "__init__",
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
    for node in ast.walk(parsed(path)):
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
    [
        "dss_widgets.panels",
        "dss_widgets.cli",
        "dss_widgets.jobs",
        "dss_widgets.jobs.worker",
        "dss_widgets.results",
        "dss_widgets.review",
    ],
)
def test_what_computes_networks_is_not_imported_by(module):
    more = f"{module}.build_parser(); " if module == "dss_widgets.cli" else ""
    assert imported_by(f"import {module}; {more}") <= {"numpy"}


def test_a_network_is_used_without_tensorflow():
    names = ("many", "one_by_one", "elsewhere", "evaluate", "retune", "review", "verify", "false_alarms")
    code = "; ".join(f"import dss_widgets.network.{name}" for name in names)
    assert imported_by(f"{code}; from dss_widgets.network.tensorflow_setup import set_up_inference; set_up_inference(); ") == {
        "numpy",
        "openvino",
    }


def imported_by(code):
    """Return which of the big libraries some code imports."""
    told = "print(*({'tensorflow', 'keras', 'openvino', 'numpy'} & set(sys.modules)))"
    command = [sys.executable, "-c", f"import sys; {code}{told}"]
    around = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=around)
    return set(result.stdout.split())


def words_of(path):
    """Yield (line, text) of every string in a file's code, docstrings left out."""
    tree = parsed(path)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.lineno, node.value


ENDINGS = re.compile(
    r"_rounds\.json|_validation\.json|_no_song\.json|_replay\.|_model\.|_params\.yaml|_results[._]|_probabilities\.|_predictions\b|(?<![a-z])\.run\b"
)
OWNER = PACKAGE / "file_endings.py"


def test_the_endings_of_a_networks_files_are_spelt_by_their_owner_alone():
    assert not [f"{path}:{line}: {text}" for path in FILES for line, text in words_of(path) if ENDINGS.search(text)]


def test_the_owner_of_the_endings_knows_those_that_are_looked_for():
    endings = [text for _, text in words_of(OWNER)]
    assert len(endings) == 11
    assert all(ENDINGS.search(text) for text in endings)


def test_what_the_benchmarks_import_is_there():
    """They are run by hand, so that nothing else tells of a name that moved."""
    gone = []
    for path in (PACKAGE.parent / "tests" / "benchmarks").glob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dss_widgets":
                there = names_in(PACKAGE.joinpath(*node.module.split(".")[1:]))
                gone += [f"{path.name}: {node.module}.{alias.name}" for alias in node.names if alias.name not in there]
    assert not gone


def names_in(module):
    """Return the names that a module or package of ours has, without importing it."""
    file = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
    code = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    return {name for node in ast.walk(code) for name in names_made_by(node)} | {part.stem for part in module.glob("*")}


def names_made_by(node):
    """Return the names that a statement gives to something."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Name(ctx=ast.Store()):
            return [node.id]
        case ast.alias():
            return [node.asname or node.name]
    return []


OPENS_BY_ITS_NAME = {
    "jobs/lock.py": "to look whether a lock is held; nothing is read",
    "dataset/assembly/destination.py": "to wait until a dataset of our own is on the disk; nothing is read",
    "dataset/dry_check.py": "what the system says of its memory",
    "panels/memory.py": "a person's own settings",
    "network/tensorflow_setup.py": "a library of TensorFlow, for the options that it knows",
    "panels/assembly/folder_contents.py": "a file in a folder of our own, just written",
    "panels/sound/view.py": "a file of this package",
    "panels/annotation/editor.py": "files of this package",
    "panels/style/theme.py": "a file of this package",
    "panels/forms/page_module.py": "a file of this package",
    "options/place_presets.py": "what whoever runs the cluster, or a person, has written down",
    "cli/serving.py": "what whoever starts the server names",
}
"""All other files that are read go through ``roots.open_confined``: what was checked is what is read."""


def reads_by_name(node):
    """Return whether a call opens a file for reading by its name, past the guard."""
    words = [item.value for item in [*node.args, *(word.value for word in node.keywords)] if isinstance(item, ast.Constant)]
    match node.func:
        case ast.Name(id="open"):
            return not any(isinstance(word, str) and set(word) & set("wax+") for word in words)
        case ast.Attribute(attr="read_text" | "read_bytes"):
            return True
        case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load" | "loadtxt" | "genfromtxt"):
            return True
    return False


def test_files_are_read_through_the_guard():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and reads_by_name(node)
    }
    assert found == set(OPENS_BY_ITS_NAME)


def test_public_names_have_docstrings():
    bare = []
    for path in FILES:
        tree = parsed(path)
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


MARKUP_THAT_ACTS = re.compile(
    r"<script|javascript:|<[a-z][^<>]*\son[a-z]+\s*=|(?<![\w.])on[a-z]+\s*=\s*[\"']|data:image/gif", re.IGNORECASE
)
"""Script in a page's HTML, or what carries one."""


def strings_of(path: Path) -> list[str]:
    """Return the texts in a file's code, but for docstrings; pieces of one f-string together."""
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


def test_no_html_carries_script():
    assert [(path.name, text) for path in FILES for text in strings_of(path) if MARKUP_THAT_ACTS.search(text)] == []


def test_pages_put_words_into_elements_and_never_markup():
    makes_markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bimport\b")
    pages = sorted(PACKAGE.rglob("page/*.js"))
    assert pages
    assert [path.name for path in pages if makes_markup.search(path.read_text(encoding="utf-8"))] == []
