"""Behind a reverse proxy that shows the dashboard under a path of its own: a real nginx, a real browser."""

import re
import shutil
import subprocess
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from signal import SIGTERM
from urllib.parse import urlencode, urlsplit

import numpy as np
import pytest
import soundfile
from served import PortTakenError, end, free_port, is_up, serve, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location = /elsewhere {{ return 200 "something else"; }}
        {location}
    }}
}}
"""


def location() -> str:
    """Return what the README tells to put into nginx's configuration, for a dashboard at /song/ on port 8866."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    return re.search(r"```nginx\n(.*?)```", readme, re.DOTALL).group(1)


@contextmanager
def nginx(nginx_path, folder, target):
    """Run nginx, with all its files in a folder of its own, before a server; yields its address."""
    for _ in range(5):
        port = free_port()
        configuration = CONFIGURATION.format(folder=folder, port=port, location=location().replace("127.0.0.1:8866", target))
        (folder / "nginx.conf").write_text(configuration)
        command = [nginx_path, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
        process = subprocess.Popen(list(map(str, command)), start_new_session=True, stderr=subprocess.DEVNULL)
        try:
            wait_until(partial(answers, process, folder, port), (folder / "nginx.conf").read_text())
            yield f"http://127.0.0.1:{port}"
            return
        except PortTakenError:
            continue
        finally:
            end(process, SIGTERM)
    raise AssertionError("no port stays free")


def answers(process, folder, port) -> bool:
    if process.poll() is not None:
        said = (folder / "error.log").read_text()
        raise PortTakenError if "Address already in use" in said else AssertionError(said)
    return is_up(f"http://127.0.0.1:{port}/elsewhere")


@pytest.fixture(scope="module")
def root(trained, tmp_path_factory):
    """A folder of their own for visitors who write: with a run, and an empty folder."""
    root = tmp_path_factory.mktemp("behind")
    shutil.copytree(trained.run.parent, root / "song.res")
    (root / "sent").mkdir()
    return root


@pytest.fixture(scope="module")
def proxied(nginx_path, bird_folder, root, tmp_path_factory):
    """A dashboard's server, and the link to it that goes through nginx."""
    arguments = ("serve", "dashboard", "--root", str(bird_folder.parent), "--root", str(root), "--base-url", "/song")
    state = {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    with serve(*arguments, env=state) as server:
        port = urlsplit(server.link).port
        with nginx(nginx_path, tmp_path_factory.mktemp("nginx"), f"127.0.0.1:{port}") as address:
            yield server, f"{address}/song/?token={server.token}"


def test_the_dashboard_works_under_a_path_of_its_own(page, proxied, bird_folder):
    link = proxied[1]
    bad = []
    page.on("response", lambda response: bad.append(response.url) if response.status >= 400 else None)
    page.goto(f"{link}&{urlencode({'folder': bird_folder})}")
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()

    before = page.locator(".dss-split-amounts").inner_html()
    page.locator(".dss-field-train_fraction input").fill("0.5")  # to the kernel and back, through the websocket
    page.wait_for_function("before => document.querySelector('.dss-split-amounts').innerHTML !== before", arg=before)
    assert not bad
    assert urlsplit(page.url).path == "/song/"


def test_in_the_dark_too(page, proxied, bird_folder):
    bad = []
    page.on("response", lambda response: bad.append(response.url) if response.status >= 400 else None)
    page.goto(f"{proxied[1]}&{urlencode({'folder': bird_folder, 'theme': 'dark'})}")
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    assert page.evaluate("document.body.dataset.jpThemeLight") == "false"
    assert not bad


def test_recordings_of_more_than_a_request_may_hold_are_sent(page, proxied, root, tmp_path):
    sound = tmp_path / "long.wav"
    soundfile.write(sound, np.random.default_rng(1).uniform(-0.1, 0.1, 2_000_000), 16_000, subtype="PCM_16")
    page.goto(f"{proxied[1]}&{urlencode({'folder': root / 'sent'})}")
    field = page.locator(".dss-field-data_folder")
    field.locator(".dss-browse").click()
    field.get_by_text("No folders in here").wait_for()
    field.locator("input[type=file]").set_input_files(sound)
    field.locator(".dss-upload-said", has_text="1 file uploaded").wait_for()
    assert (root / "sent" / sound.name).read_bytes() == sound.read_bytes()


def test_results_are_downloaded(page, proxied, root, trained):
    page.goto(f"{proxied[1]}&{urlencode({'run': root / 'song.res' / trained.run.name})}")
    results = page.locator(".dss-results-panel")
    results.locator(".dss-matrix").wait_for()
    results.locator(".dss-download-run").click()
    results.locator(".dss-make-zip:not([disabled])").click()
    with page.expect_download() as download:
        results.locator(".dss-delivery-link button").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("_model.keras") for name in archive.namelist())


def test_without_the_token_the_proxy_leads_to_the_login_page(page, proxied):
    page.goto(proxied[1].partition("?")[0])
    page.locator("#password_input").wait_for()
    assert urlsplit(page.url).path == "/song/login"
    page.locator("#password_input").fill(proxied[0].token)
    page.keyboard.press("Enter")
    page.locator(".dss-assembly-panel").wait_for()


def test_the_server_answers_nowhere_else(proxied):
    assert not is_up(proxied[1].partition("/song")[0] + "/nowhere", besides=(404,))
    server = proxied[0].origin.removesuffix("/song")
    assert not is_up(server + "/", besides=(404,))
    assert not is_up(server + "/voila/static/voila.js", besides=(404,))


def test_the_printed_link_tells_where_it_listens(proxied):
    said = "".join(proxied[0].lines)
    assert "/song/?token=" in said
    assert f"The proxy must pass on to {proxied[0].origin}/" in said
