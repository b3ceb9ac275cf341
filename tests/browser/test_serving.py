"""What a server gives to whom: with the token the dashboard, without it the login page, and nobody gets out of the roots."""

import json
import os
import re
import shutil
import urllib.request
import uuid
from http.client import HTTPConnection
from urllib.parse import quote

import psutil
import pytest
from lab_server import APPS
from served import serve
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

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
    """Return whether an answer gives nothing away: not found, forbidden, 'go and log in', or Voila's 500 for odd paths."""
    empty = status in (400, 401, 403, 404, 405, 500) or (status in (301, 302) and SECRET.decode() not in location)
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
    assert status != 302 or "/login" in location or "/voila/files/" in location
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


def websocket(server, kernel, token, **headers):
    address = server.origin.replace("http:", "ws:")
    query = f"?token={token}" if token else ""
    return connect(f"{address}/api/kernels/{kernel[0]}/channels{query}", additional_headers=headers, open_timeout=120)


@pytest.mark.parametrize("token", ["", "guess"])
def test_without_the_token_no_websocket_opens(server, kernel, token):
    with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, token):
        pass
    assert refused.value.response.status_code in (302, 401, 403)


def test_another_site_cannot_use_a_visitors_cookie(server, kernel):
    with pytest.raises(InvalidStatus) as refused, websocket(server, kernel, "", Cookie=kernel[1], Origin="http://evil.example"):
        pass
    assert refused.value.response.status_code == 403


def message(kind, content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "", "version": "5.3", "date": ""}
    return json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})


def test_with_the_token_nobody_runs_code_of_their_own(server, kernel, bird_folder):
    code = f"open({os.fspath(bird_folder / 'made.txt')!r}, 'w').close()"
    with websocket(server, kernel, server.token) as socket:
        socket.send(message("execute_request", {"code": code, "silent": False}))
        socket.send(message("kernel_info_request", {}))  # answered after what was sent before it
        kinds = set()
        while "kernel_info_reply" not in kinds:
            kinds.add(json.loads(socket.recv(timeout=120))["msg_type"])
    assert "execute_reply" not in kinds
    assert not (bird_folder / "made.txt").exists()


def test_with_the_token_the_dashboard_opens(kernel):
    assert kernel[0]


def test_only_this_machine_is_listened_to(server):
    listening = [c.laddr.ip for c in psutil.Process(server.process.pid).net_connections("tcp") if c.status == "LISTEN"]
    assert set(listening) == {"127.0.0.1"}


def test_the_server_says_what_visitors_can_use(server, bird_folder):
    assert any(os.fspath(bird_folder) in line for line in server.lines)


def test_the_apps_served_hold_no_files_but_notebooks_and_settings():
    kinds = {path.suffix for path in APPS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds <= {".ipynb", ".png", ".py", ".json", ".j2"}
