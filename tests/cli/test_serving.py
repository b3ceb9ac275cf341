"""Where a dashboard is shown, and what Voila is told."""

import argparse

import pytest

from dss_widgets.cli.serving import _base_url, addresses
from dss_widgets.cli.voila_settings import NEEDED, apps_folder, voila_settings


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
