"""What a server gives to whom: with the token the dashboard, without it the login page, and nobody gets out of the roots."""

import json
import os
import re
import shutil
import socket
import sys
import urllib.request
import uuid
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import pytest
from lab_server import APPS
from served import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dss_widgets.cli.voila_kernels import MOST_SOCKETS, PROTOCOL

pytestmark = pytest.mark.slow

SECRET = b"not for everybody"


@pytest.fixture(scope="module")
def bird_folder(bird_folder, tmp_path_factory):
    """A copy of the demo song: here it gets links and pictures that no other test should see."""
    return shutil.copytree(bird_folder, tmp_path_factory.mktemp("guarded") / "bird_song")


@pytest.fixture(scope="module")
def outside(bird_folder):
    """A folder beside the root, with a secret in every kind of file that some server may like to give away."""
    folder = bird_folder.with_name("outside")
    folder.mkdir()
    for name in ("picture.png", "index.html", "notes.txt", "secret.ipynb"):
        (folder / name).write_bytes(SECRET)
    return folder


@pytest.fixture(scope="module")
def server(bird_folder, outside):
    (bird_folder / "picture.png").write_bytes(SECRET)
    (bird_folder / "link.png").symlink_to(outside / "picture.png")
    (bird_folder / "link").symlink_to(outside)
    with serve("serve", "assemble", "--root", str(bird_folder)) as server:
        yield server


def ask(server, path, method="GET", **headers):
    """Return status, location and body of a path, without following it and without mending it."""
    connection = HTTPConnection(server.origin.removeprefix("http://"), timeout=120)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.getheader("Location", ""), body


def attempts(root, outside):
    """Paths by which somebody may try to read files, or to reach what the dashboard does not need."""
    up = ["..", "%2e%2e", ".%2e", "%252e%252e", "..%2f..", "..%5c..", "%c0%ae%c0%ae", "....//"]
    routes = ["voila/files", "voila/static", "voila/templates/lab/static", "voila/templates", "voila/labextensions",
              "voila/api/themes", "static", "files", "nbconvert/html", "view"]  # fmt: skip
    outs = [f"/{route}/{'/'.join([step] * 12)}{outside}/notes.txt" for route in routes for step in up]
    whole = [f"/{route}/{quote(str(path), safe='')}" for route in routes for path in (root / "picture.png", "/etc/passwd")]
    whole += [f"/{route}/{path}" for route in routes for path in (f"{root}/picture.png", "/etc/passwd")]
    names = ("picture.png", "link.png", "link/picture.png", "assemble.ipynb", "jupyter/jupyter_server_config.py")
    files = [f"/{route}/{name}" for route in ("voila/files", "files", "nbconvert/html", "view") for name in names]
    others = ["/api/contents", "/api/contents/assemble.ipynb", "/api/kernels", "/api/sessions", "/api/terminals", "/terminals",
              "/terminals/1", "/terminals/websocket/1", "/api/config/x", "/api/kernelspecs", "/api/nbconvert", "/tree", "/lab",
              "/voila/tree", "/voila/tree/..", "/voila/render/assemble.ipynb", "/voila/render/../../x", "/voila/api/contents",
              "/metrics", "/logout/../files/picture.png", "/edit/assemble.ipynb", "/notebooks/assemble.ipynb"]  # fmt: skip
    return [*outs, *whole, *files, *others]


def is_nobodys(status, location, body):
    """Return whether an answer gives nothing away: not found, forbidden, or 'go and log in'."""
    empty = status in (400, 401, 403, 404, 405) or (status in (301, 302) and SECRET.decode() not in location)
    return empty and SECRET not in body and b"root:" not in body and b"get_config" not in body


def test_no_attempt_gets_a_file_or_more_than_the_dashboard(server, bird_folder, outside):
    gave = []
    for path in attempts(bird_folder, outside):
        for token in ("", "?token=guess", f"?token={server.token}"):
            answer = ask(server, path + token)
            if not is_nobodys(*answer):
                gave.append((path, bool(token), answer[0], answer[2][:200]))
    assert not gave


@pytest.mark.parametrize(
    "path", ["/", "/?token=", "/?token=guess", "/?folder=/", "/voila/render/assemble.ipynb", "/index.html"]
)
def test_without_the_token_there_is_only_the_login_page(server, path):
    status, location, body = ask(server, path)
    assert status in (302, 401, 403, 404), (path, status)
    assert status != 302 or "/login" in location
    assert b"dss_widgets" not in body


def test_the_login_page_says_nothing_of_what_is_behind_it(server, bird_folder):
    with urllib.request.urlopen(server.origin + "/login", timeout=120) as answer:
        page = answer.read().decode()
    assert "password" in page.lower()
    assert str(bird_folder) not in page
    assert server.token not in page
    assert "new_password" not in page


@pytest.fixture(scope="module")
def kernel(server):
    """The kernel of a visitor who has the token, and the cookie that the visitor was given."""
    with urllib.request.urlopen(server.link, timeout=120) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return re.search(r'"kernelId": "([\w-]+)"', answer.read().decode()).group(1), cookie


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_without_the_token_a_kernel_whose_name_is_known_is_out_of_reach(server, kernel, method):
    assert ask(server, f"/api/kernels/{kernel[0]}", method)[0] in (302, 401, 403, 405)
    assert ask(server, f"/voila/api/shutdown/{kernel[0]}", "POST")[0] in (302, 401, 403)


def websocket(server, kernel, token, protocol=PROTOCOL, **headers):
    address = server.origin.replace("http:", "ws:")
    return connect(
        f"{address}/api/kernels/{kernel[0]}/channels?{urlencode({'token': token, 'session_id': uuid.uuid4().hex})}",
        additional_headers=headers,
        open_timeout=120,
        subprotocols=[protocol] if protocol else None,
        max_size=None,
    )


@pytest.mark.parametrize("token", ["", "guess"])
def test_without_the_token_no_websocket_opens(server, kernel, token):
    with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, token):
        pass
    assert refused.value.response.status_code in (302, 401, 403)


def test_another_site_cannot_use_a_visitors_cookie(server, kernel):
    with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, "", Cookie=kernel[1], Origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403


def packed(*parts):
    """Return parts as a message of the current protocol: a number of offsets, the offsets, the parts."""
    first = 8 * (len(parts) + 2)
    offsets = [first + sum(map(len, parts[:n])) for n in range(len(parts) + 1)]
    return b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets)) + b"".join(parts)


def message(kind, content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "", "version": "5.3", "date": ""}
    return packed(b"shell", *(json.dumps(part).encode() for part in (header, {}, {}, content)))


def kind_of(told):
    """Return the kind of a message of the kernel's."""
    offsets = [int.from_bytes(told[8 * i : 8 * (i + 1)], "little") for i in range(1, 4)]
    return json.loads(told[offsets[1] : offsets[2]])["msg_type"]


def answer_of(open_one):
    """Ask who the kernel is, and return the kinds of messages until it has answered."""
    open_one.send(message("kernel_info_request", {}))  # answered after what was sent before it
    kinds = set()
    while "kernel_info_reply" not in kinds:
        kinds.add(kind_of(open_one.recv(timeout=120)))
    return kinds


def test_with_the_token_nobody_runs_code_of_their_own(server, kernel, bird_folder):
    code = f"open({os.fspath(bird_folder / 'made.txt')!r}, 'w').close()"
    with websocket(server, kernel, server.token) as open_one:
        open_one.send(message("execute_request", {"code": code, "silent": False}))
        kinds = answer_of(open_one)
    assert "execute_reply" not in kinds
    assert not (bird_folder / "made.txt").exists()


def until_it_ends(connection, sent):
    """Send something, and wait until the server ends the connection."""
    with suppress(ConnectionClosed):
        connection.send(sent)
        while True:
            connection.recv(timeout=120)


@pytest.mark.parametrize("protocol", [None, "v0.kernel.websocket.jupyter.org"])
def test_the_protocol_of_old_is_not_spoken(server, kernel, protocol):
    with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, server.token, protocol):
        pass
    assert refused.value.response.status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        (2**62).to_bytes(8, "little"),  # would be counted to, for longer than anybody lives
        b"",
        "text",
        packed(b"shell", b"{}", b"{}"),
        packed(b"shell", b"[" * 100_000, b"{}", b"{}", b"{}"),
        packed(b"shell", b"no json", b"{}", b"{}", b"{}"),
        b"\0" * 5_000_000,
    ],
    ids=["endless", "empty", "text", "too few", "deep", "garbled", "large"],
)
def test_a_message_that_is_none_ends_its_connection_and_stalls_nobody(server, kernel, sent):
    with websocket(server, kernel, server.token) as mine, websocket(server, kernel, server.token) as others:
        answer_of(mine)
        until_it_ends(mine, sent)
        answer_of(others)
    assert ask(server, "/login")[0] == 200


def test_a_kernel_has_so_many_connections_and_no_more(server, kernel):
    with ExitStack() as stack:
        for _ in range(MOST_SOCKETS):
            stack.enter_context(websocket(server, kernel, server.token))
        with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, server.token):
            pass
        assert refused.value.response.status_code == 429


def test_a_request_with_a_large_body_is_not_read(server):
    with socket.create_connection(server.origin.removeprefix("http://").split(":"), timeout=120) as connection:
        connection.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_with_the_token_the_dashboard_opens(kernel):
    assert kernel[0]


@pytest.mark.parametrize("path", ["/logout", "/nothing", "/voila/templates/nothing", "/voila/templates/lab/static/x.js"])
def test_what_is_not_there_is_not_found(server, path):
    assert ask(server, f"{path}?token={server.token}")[0] == 404


def test_only_this_machine_is_listened_to(server):
    listening = [c.laddr.ip for c in psutil.Process(server.process.pid).net_connections("tcp") if c.status == "LISTEN"]
    assert set(listening) == {"127.0.0.1"}


def test_the_server_says_what_visitors_can_use(server, bird_folder):
    assert any(os.fspath(bird_folder) in line for line in server.lines)


def test_the_apps_served_hold_no_files_but_notebooks_and_settings():
    kinds = {path.suffix for path in APPS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds <= {".ipynb", ".png", ".py", ".json", ".j2"}


def test_nothing_that_was_asked_here_alarmed_the_terminal(server):
    said = "".join(server.lines)
    assert said.count("\n") == 6
    assert said.rstrip().endswith("Ctrl-C ends it.")


def test_who_knows_the_list_of_processes_does_not_know_the_token(bird_folder, tmp_path):
    (tmp_path / "token").write_text("from a file\n")
    for arguments, env, token in (
        (["--token-file", str(tmp_path / "token")], {}, "from+a+file"),
        ([], {"DSS_WIDGETS_TOKEN": "from-the-environment"}, "from-the-environment"),
    ):
        with serve("serve", "assemble", "--root", str(bird_folder), *arguments, env=env) as server:
            assert server.token == token
            assert token not in " ".join(psutil.Process(server.process.pid).cmdline())


def page_of(server):
    """Open the dashboard and return its kernel's name and the visitor's cookies, as the page itself uses them."""
    with urllib.request.urlopen(server.link, timeout=120) as answer:
        cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        return re.search(r'"kernelId": "([\w-]+)"', answer.read().decode()).group(1), cookies


def test_visitors_are_bounded_and_a_page_that_is_closed_makes_room(bird_folder):
    with serve("serve", "assemble", "--root", str(bird_folder), "--max-visitors", "1") as server:
        kernel, cookies = page_of(server)
        status, _, body = ask(server, f"/?token={server.token}")
        assert status == 503
        assert b"Too many visitors" in body
        assert len(server.kernels()) == 1

        goodbye = dict(cookie.split("=", 1) for cookie in cookies)["_xsrf"]
        headers = {"Cookie": "; ".join(cookies), "X-XSRFToken": goodbye, "Content-Length": "0"}
        assert ask(server, f"/voila/api/shutdown/{kernel}", "POST", **headers)[0] == 204
        assert page_of(server)[0] != kernel


def test_nothing_that_lies_where_visitors_write_is_imported(tmp_path):
    """A file of every name that Python could look for, beside those that are served, which is where the server was started."""
    root, told = tmp_path / "root", tmp_path / "imported.txt"
    root.mkdir()
    with serve("serve", "dashboard", "--root", ".", cwd=root) as server:
        names = {*sys.stdlib_module_names, *packages_distributions(), "sitecustomize", "usercustomize", "voila", "antigravity"}
        for name in names:
            (root / f"{name}.py").write_text(f"open({str(told)!r}, 'a').write('{name}')\n")
        for name in ("ipython_config.py", "ipython_kernel_config.py", "jupyter_config.py", "00-first.py"):
            (root / name).write_text(f"open({str(told)!r}, 'a').write({name!r})\n")
        page_of(server)
        assert ask(server, "/login")[0] == 200
        for pid in server.kernels():
            kernel = psutil.Process(pid)
            assert kernel.environ()["PYTHONSAFEPATH"], "what it starts is as safe"
            assert list(Path(kernel.cwd()).iterdir()) == []
            assert root not in (here := Path(kernel.cwd())).parents
            assert here != root
    assert not told.exists(), told.read_text()
