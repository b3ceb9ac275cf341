"""Where a dashboard is shown, and what Voila is told."""

import argparse
import os
import sys
from pathlib import Path

import pytest

from dss_widgets.cli.serving import _base_url, _positive, addresses, importing_nothing_from_here, open_browser, token_of
from dss_widgets.cli.voila_settings import NEEDED, apps_folder, voila_settings
from dss_widgets.errors import DataError


@pytest.mark.parametrize(
    ("text", "base_url"),
    [
        ("/", "/"),
        ("/song", "/song/"),
        ("/lab/song/", "/lab/song/"),
        ("https://lab.example.org", "https://lab.example.org/"),
        ("http://lab.example.org:8080/song", "http://lab.example.org:8080/song/"),
    ],
)
def test_a_path_or_a_whole_address_ends_with_a_slash(text, base_url):
    assert _base_url(text) == base_url


@pytest.mark.parametrize(
    "text", ["", "song", "//song", "lab.example.org/song", "ftp://lab/song", "/song?a=1", "/a b", "/(.*)", "http:///a"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        _base_url(text)


@pytest.mark.parametrize(
    ("ip", "base_url", "here", "link"),
    [
        ("127.0.0.1", "/", "http://127.0.0.1:80/", "http://127.0.0.1:80/?token=a+b"),
        ("127.0.0.1", "/song/", "http://127.0.0.1:80/song/", "http://127.0.0.1:80/song/?token=a+b"),
        ("127.0.0.1", "https://lab.org/song/", "http://127.0.0.1:80/song/", "https://lab.org/song/?token=a+b"),
        ("::1", "/", "http://[::1]:80/", "http://[::1]:80/?token=a+b"),
    ],
)
def test_the_link_is_the_one_that_visitors_use(ip, base_url, here, link):
    assert addresses(ip, 80, base_url, "a b") == (here, link)


def test_voila_serves_no_files_and_loads_no_more_than_is_needed():
    settings = voila_settings()
    assert settings["file_allowlist"] == ["^$"]
    assert settings["allow_template_override"] == "NO"
    assert not set(settings["extension_denylist"]) & set(NEEDED)


def test_the_page_of_ones_own_is_there():
    assert (apps_folder() / "jupyter" / "voila" / "templates" / "dss" / "index.html.j2").is_file()


def told(token=None, token_file=None):
    return argparse.Namespace(token=token, token_file=token_file)


def test_the_token_comes_from_the_command_line_a_file_or_the_environment(tmp_path, monkeypatch):
    assert token_of(told()) == ""
    (tmp_path / "token").write_text("from a file\nand more\n")
    monkeypatch.setenv("DSS_WIDGETS_TOKEN", "from the environment")
    assert token_of(told()) == "from the environment"
    assert "DSS_WIDGETS_TOKEN" not in os.environ, "what is started from here does not have it"
    monkeypatch.setenv("DSS_WIDGETS_TOKEN", "from the environment")
    assert token_of(told(token_file=tmp_path / "token")) == "from a file"
    assert token_of(told("mine", tmp_path / "token")) == "mine"


@pytest.mark.parametrize("content", [None, b"", b"\nsecret\n", b"\xff\xfe\x00"])
def test_a_file_without_a_token_is_told(tmp_path, content):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(DataError, match="--token-file"):
        token_of(told(token_file=tmp_path / "token"))


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", ""])
def test_a_bound_is_a_whole_number_from_1_on(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number"):
        _positive(text)


def test_while_it_is_served_nothing_is_imported_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    with importing_nothing_from_here() as folder:
        assert Path.cwd() == folder.resolve()
        assert "" not in sys.path
        assert str(tmp_path) not in sys.path
        assert os.environ["PYTHONSAFEPATH"]
    assert Path.cwd() == tmp_path
    assert not folder.exists()


@pytest.mark.parametrize("opens", [True, False])
def test_where_no_browser_opens_it_is_said_to_click(monkeypatch, capsys, opens):
    monkeypatch.setattr("webbrowser.open", lambda _link: opens)
    open_browser("http://127.0.0.1:8866/?token=x")
    assert ("click the link" in capsys.readouterr().out) is not opens
