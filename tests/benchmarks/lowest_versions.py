"""Runs the quick tests on the lowest versions of every library that pyproject.toml allows, so that its bounds are true.

usage: python lowest_versions.py [--python PYTHON ...] [--keep FOLDER] [-- PYTEST_ARGUMENT ...]

Needs uv. Makes an environment of its own for every Python (default: the one that runs this), installs the package with what its
tests need at the lowest versions (``--resolution lowest-direct``), prints them, and runs the tests that are neither slow nor
in a browser. Ends with exit code 1 if any failed.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else ["uv"]


def bounds() -> dict[str, str]:
    """Return the lowest version of every library that pyproject.toml names, as it writes it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    found = (re.match(r"([\w.-]+)[^>=]*(?:>=|==)([\w.]+)", line) for line in named)
    return {match[1].lower().replace("_", "-"): match[2] for match in found if match}


def installed(python: Path) -> dict[str, str]:
    """Return the version of everything that is in an environment."""
    command = [*UV, "pip", "list", "--python", str(python), "--format", "freeze"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(line.split("==") for line in told.splitlines() if "==" in line)


def test_on(base: str, folder: Path, arguments: list[str]) -> bool:
    """Run the tests on one Python; return whether all went well."""
    python = folder / "bin" / "python"
    subprocess.run([*UV, "venv", "--python", base, "--clear", str(folder)], check=True)
    install = [*UV, "pip", "install", "--python", str(python), "--resolution", "lowest-direct", "-e", f"{ROOT}[test]"]
    subprocess.run(install, check=True)
    there, allowed = installed(python), bounds()
    for name, version in sorted(there.items()):
        if name in allowed:
            print(f"{name:28} {version:12}" + ("" if version == allowed[name] else f" (allowed: {allowed[name]})"))
    quick = ["-m", "not slow and not browser and not real", "--ignore", "tests/browser", "-q", *arguments]
    print(f"{base}: pytest {' '.join(quick)}", flush=True)
    return subprocess.run([str(python), "-m", "pytest", *quick], cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run the tests on every Python asked for; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="+", default=[sys.executable], help="interpreters")
    parser.add_argument("--keep", type=Path, help="where the environments are made, and stay")
    parser.add_argument("arguments", nargs="*", help="more arguments for pytest")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = args.keep or Path(temporary)
        went = {base: test_on(base, place / f"python{i}", args.arguments) for i, base in enumerate(args.python)}
    for base, well in went.items():
        print(f"{base}: {'all well' if well else 'FAILED'}")
    return 0 if all(went.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
