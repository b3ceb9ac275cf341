"""What a server gives to whom: with the token the dashboard, without it the login page and nothing else."""

import os
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPConnection

import pytest
from served import serve

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(bird_folder):
    (bird_folder / "picture.png").write_bytes(b"\x89PNG not for everybody")
    with serve("serve", "assemble", "--root", str(bird_folder)) as server:
        yield server


def get(server, path):
    """Return status, location and body of a path, without following it and without mending it."""
    connection = HTTPConnection(server.origin.removeprefix("http://"), timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location", ""), answer.read()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/voila/render/assemble.ipynb",
        "/voila/files/picture.png",
        "/voila/files/assemble.ipynb",
        "/voila/files/..%2fpyproject.toml",
        "/voila/static/../../../../etc/passwd",
        "/voila/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/static/../picture.png",
        "/api/kernels",
        "/api/contents",
        "/api/terminals",
        "/files/picture.png",
    ],
)
def test_without_the_token_there_is_only_the_login_page(server, path):
    status, location, body = get(server, path)
    assert status in (302, 401, 403, 404), (path, status)
    assert status != 302 or "/login" in location or location.startswith("/"), location
    assert b"root:" not in body
    assert b"not for everybody" not in body


@pytest.mark.parametrize(
    "path", ["/voila/files/picture.png", "/voila/files/assemble.ipynb", "/voila/files/..%2f..%2fetc%2fpasswd"]
)
def test_with_the_token_no_files_are_served(server, path):
    status, _, body = get(server, f"{path}?token={server.token}")
    assert status in (403, 404)
    assert b"not for everybody" not in body


def test_with_the_token_the_dashboard_opens(server):
    with urllib.request.urlopen(server.link, timeout=120) as answer:
        assert answer.status == 200


def test_a_wrong_token_is_no_token(server):
    status, location, _ = get(server, "/?token=guess")
    assert status in (302, 401, 403)
    assert status != 302 or "login" in location


def test_only_this_machine_is_listened_to(server):
    psutil = pytest.importorskip("psutil")
    listening = [c.laddr.ip for c in psutil.Process(server.process.pid).net_connections("tcp") if c.status == "LISTEN"]
    assert set(listening) == {"127.0.0.1"}


def test_the_server_says_what_visitors_can_use(server, bird_folder):
    assert any(os.fspath(bird_folder) in line for line in server.lines)
