"""The commands that open a dashboard: serve and demo."""

from __future__ import annotations

import argparse
import errno
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from dss_widgets.cli.voila_settings import apps_folder, find_template, leave_out_grammar, voila_arguments
from dss_widgets.errors import DataError
from dss_widgets.jobs import slots

TOKEN_VARIABLE = "DSS_WIDGETS_TOKEN"
"""Environment variable with what visitors must know: other users of a machine see a command line, and not this."""


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    serve = commands.add_parser("serve", help="serve a dashboard on this machine")
    serve.add_argument("app", metavar="APP", nargs="?", default="dashboard", help="a notebook of apps/ (default: dashboard)")
    serve.add_argument(
        "--root", metavar="FOLDER", action="append", help="folder that visitors may use; may be repeated (default: this one)"
    )
    _add_server_flags(serve)
    serve.set_defaults(run=run_serve)

    demo = commands.add_parser("demo", help="make demo song and open the dashboard on it")
    demo.add_argument("folder", metavar="FOLDER", nargs="?", default="dss_widgets_demo", help="(default: ./dss_widgets_demo)")
    demo.add_argument("--kind", default="bird", help="fly, bird, mouse or multichannel (default: bird)")
    _add_server_flags(demo)
    demo.set_defaults(run=run_demo)


def _add_server_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8866, help="port (default: 8866, or the next that is free)")
    parser.add_argument("--ip", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument(
        "--token",
        help=f"what visitors must know (default: that of --token-file or ${TOKEN_VARIABLE}, else a new one every time); other "
        "users of this machine can see it in the list of processes",
    )
    parser.add_argument("--token-file", metavar="FILE", help="file whose first line is what visitors must know")
    parser.add_argument(
        "--max-visitors", metavar="N", type=_positive, default=20, help="pages that may be open at a time (default: 20)"
    )
    parser.add_argument("--max-jobs", metavar="N", type=_positive, default=4, help="jobs that may run at a time (default: 4)")
    parser.add_argument(
        "--base-url",
        metavar="URL",
        type=_base_url,
        default="/",
        help="where a reverse proxy shows the dashboard: a path such as /song/, or the whole address (default: /)",
    )
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--no-browser", action="store_true", help="only print the link")


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"must be a number from 0 (any that is free) to 65535, not {text}.")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {text}.")
    return int(text)


def _base_url(text: str) -> str:
    """Return an address, or the path of one, with a slash at its end."""
    parts = urlsplit(text)
    whole = parts.scheme in ("http", "https") and bool(parts.netloc)
    if parts.query or parts.fragment or not (whole or (not parts.scheme and not parts.netloc and text.startswith("/"))):
        raise argparse.ArgumentTypeError(f"must be a path that begins with / or a whole http(s) address, not {text}.")
    if not re.fullmatch(r"[\w./~-]*", parts.path):
        raise argparse.ArgumentTypeError(f"may hold letters, digits and . _ ~ - only, not {text}.")
    return text.rstrip("/") + "/"


def server_arguments(
    notebook: Path, folder: Path, *, ip: str, port: int, token: str, theme: str, base_path: str = "/", max_visitors: int = 20
) -> list[str]:
    """Return Voila's arguments: a token, only what the dashboard needs, and kernels that end when their page has gone.

    Args:
        notebook: what is shown.
        folder: where kernels work: nobody else may write there.
        ip, port, token, theme: as on the command line.
        base_path: path under which it is served.
        max_visitors: pages that may be open at a time.
    """
    from dss_widgets.cli.voila_kernels import PAGE_GONE_SECONDS, DashboardKernels, DashboardSpecs

    classes = {"multi_kernel_manager_class": DashboardKernels, "kernel_spec_manager_class": DashboardSpecs}
    return [
        str(notebook),
        "--no-browser",
        f"--port={port}",
        f"--Voila.ip={ip}",
        f"--Voila.base_url={base_path}",
        "--Voila.log_level=ERROR",
        f"--Voila.token={token}",
        "--PasswordIdentityProvider.allow_password_change=False",
        f"--theme={theme}",
        *voila_arguments(**{name: f"{kind.__module__}.{kind.__name__}" for name, kind in classes.items()}),
        f"--DashboardKernels.max_visitors={max_visitors}",
        f"--MappingKernelManager.root_dir={folder}",
        f"--MappingKernelManager.cull_idle_timeout={PAGE_GONE_SECONDS}",
        "--MappingKernelManager.cull_interval=15",
        "--MappingKernelManager.cull_connected=False",
    ]


def run_serve(args: argparse.Namespace) -> int:
    """Serve a dashboard until Ctrl-C."""
    roots = [_existing(root) for root in args.root or ["."]]
    notebook = apps_folder() / f"{args.app.removesuffix('.ipynb')}.ipynb"
    if not notebook.is_file():
        there = ", ".join(sorted(path.stem for path in apps_folder().glob("*.ipynb")))
        raise DataError(f"{args.app}: there is no such dashboard. There are: {there}.")
    return serve(notebook, roots, args)


def run_demo(args: argparse.Namespace) -> int:
    """Make demo song, unless it is there already, and serve the dashboard on it."""
    from dss_widgets.dataset.song import make_song

    folder = Path(args.folder).expanduser().resolve()
    data = folder / f"{args.kind}_song"
    if not data.is_dir():
        print(f"Making demo song in {data} ...", file=sys.stderr)
        partial = data.with_name(f".{data.name}.{os.getpid()}.partial")  # an interrupted start leaves no half folder
        try:
            make_song(partial, args.kind)
            os.replace(partial, data)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return serve(apps_folder() / "dashboard.ipynb", [folder], args, query={"folder": str(data)})


def _existing(root: str) -> Path:
    path = Path(root).expanduser().resolve()
    if os.pathsep in str(path):
        raise DataError(f"{root}: a folder whose name holds {os.pathsep!r} cannot be a root. Rename it or name another.")
    if not path.is_dir():
        raise DataError(f"{root}: is not a folder. Name a folder that visitors may use.")
    return path


def serve(notebook: Path, roots: Sequence[Path], args: argparse.Namespace, query: Mapping[str, str] | None = None) -> int:
    """Start Voila in this process and print (or open) the link; returns when it ends."""
    leave_out_grammar()
    from dss_widgets.cli.voila_app import DashboardServer

    token = token_of(args) or secrets.token_urlsafe(24)
    port = free_port(args.ip, args.port)
    os.environ["DSS_WIDGETS_ROOTS"] = os.pathsep.join(map(str, roots))
    os.environ[slots.VARIABLE] = str(args.max_jobs)
    find_template()
    if query and "folder" in query:
        os.environ["DSS_WIDGETS_FOLDER"] = query["folder"]
    here, link = addresses(args.ip, port, args.base_url, token)
    behind = "" if args.base_url == "/" else f"The proxy must pass on to {here}\n"
    print(f"\nThe dashboard is at\n\n    {link}\n\n{behind}Visitors can use {', '.join(map(str, roots))}.", end=" ")
    print("Ctrl-C ends it.", flush=True)
    if not args.no_browser:
        threading.Timer(1.5, open_browser, [link]).start()
    how = {"ip": args.ip, "port": port, "token": token, "theme": args.theme, "max_visitors": args.max_visitors}
    with importing_nothing_from_here() as folder:
        arguments = server_arguments(notebook, folder, base_path=urlsplit(args.base_url).path, **how)
        DashboardServer.launch_instance(argv=arguments)
    return 0


def token_of(args: argparse.Namespace) -> str:
    """Return what visitors must know, or '' if it was not told; it is taken from the environment, that processes started
    from here do not have it.

    Raises:
        DataError: the file cannot be read, or holds nothing.
    """
    told = os.environ.pop(TOKEN_VARIABLE, "").strip()
    if args.token_file:
        try:
            told = Path(args.token_file).expanduser().read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"--token-file: {args.token_file} cannot be read ({error}). Name a text file.") from error
        if not told:
            raise DataError(f"--token-file: the first line of {args.token_file} is empty. Write the token there.")
    return args.token or told


@contextmanager
def importing_nothing_from_here() -> Iterator[Path]:
    """Work in an empty folder of our own, and let neither this process nor those it starts import from the current one.

    What is served may be the current folder: whoever may write there must not choose what the server runs. Started with
    ``-m``, Python looks for modules there first, also for those that are imported late.
    """
    before = Path.cwd()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry).resolve() != before]
    os.environ["PYTHONSAFEPATH"] = "1"
    with tempfile.TemporaryDirectory(prefix=".dss_widgets-") as folder:
        os.chdir(folder)
        os.chmod(folder, 0o500)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)


def open_browser(link: str) -> None:
    """Open a link in a browser; where there is none, as over SSH, say what to do instead."""
    if not webbrowser.open(link):
        print("No browser could be opened from here: click the link above, or copy it into a browser.", flush=True)


def addresses(ip: str, port: int, base_url: str, token: str) -> tuple[str, str]:
    """Return the address that the server listens at, and the link for visitors: the proxy's, where it is known."""
    host = f"[{ip}]" if ":" in ip else ip
    here = f"http://{host}:{port}{urlsplit(base_url).path}"
    return here, f"{base_url if '://' in base_url else here}?{urlencode({'token': token})}"


def free_port(ip: str, first: int, tries: int = 50) -> int:
    """Return the first port from ``first`` on that nobody listens at.

    Raises:
        DataError: none of them is free.
    """
    for port in range(first, first + tries) if first else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except socket.gaierror as error:
                raise DataError(f"--ip: {ip} is no address of this machine ({error.strerror}).") from error
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise DataError(f"--ip: {ip} is no address of this machine.") from error
                continue
            return int(probe.getsockname()[1])
    raise DataError(f"--port: none of the ports {first} to {first + tries - 1} is free on {ip}. Name another.")
