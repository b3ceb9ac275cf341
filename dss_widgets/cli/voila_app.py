"""Voila's server for the dashboards: what is served where, and how much of it."""

from __future__ import annotations

import errno
from typing import Any
from urllib.parse import unquote

from jupyter_core.paths import jupyter_config_path
from jupyter_server import DEFAULT_STATIC_FILES_PATH
from jupyter_server.utils import url_path_join
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.log import access_log, gen_log
from tornado.routing import Matcher, Rule
from tornado.web import ErrorHandler, HTTPError, RequestHandler, authenticated
from traitlets import default
from voila.app import Voila
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from dss_widgets.cli.voila_kernels import KernelSocket
from dss_widgets.cli.voila_settings import TEMPLATE
from dss_widgets.errors import DataError

MOST_MESSAGE_BYTES = 4_000_000
"""Of a message to a kernel: a config file, or a piece of an upload (upload.py), which has half a megabyte."""
_MOST_BODY_BYTES = 100_000
"""Of a request's body: the login form's, or a page's goodbye."""

_ERROR_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} – dss_widgets</title>
<body style="font: 1.1rem/1.5 sans-serif; margin: 15vh auto; max-width: 34rem; padding: 1rem">
<h1 style="font-size: 1.4rem">{title}</h1><p>{words}</p></body></html>"""

_ERRORS = {
    404: ("There is nothing here", "The dashboard has another address: the link that the server printed."),
    503: (
        "Too many visitors at the moment",
        "This dashboard is open in as many pages as the server allows. Close a page of it that you do not need, or wait a few "
        "minutes and load this one again. Trainings that were started keep running.",
    ),
}


class DashboardPage(TornadoVoilaHandler):
    """The dashboard, at one address; all others do not exist."""

    @authenticated
    async def get(self, path: str | None = None) -> None:
        """Send the page."""
        self.xsrf_token  # noqa: B018 - asking for it gives the page the cookie that its goodbye needs
        await super().get(path)

    def redirect_to_file(self, path: str) -> None:  # noqa: ARG002 - Voila's
        """Voila looks for a file of that name; here none are served.

        Raises:
            HTTPError: 404.
        """
        raise HTTPError(404)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002 - tornado's
        """Send a page that says what is wrong."""
        title, words = _ERRORS.get(status_code, (f"Error {status_code}", "Load the page again, or look into the server's log."))
        if status_code == 503:
            self.set_header("Retry-After", "60")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_ERROR_PAGE.format(title=title, words=words))


class Unreadable(Matcher):
    """Requests whose path is no text: Voila answers them with a traceback."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return an empty dict if it is one."""
        try:
            unquote(request.path, errors="strict")
        except UnicodeDecodeError:
            return {}
        return None


class TemplateFiles(TemplateStaticFileHandler):
    """The files of our page's template: Voila answers names of others, and paths of another kind, with a traceback."""

    def parse_url_path(self, path: str) -> str:
        """Return the path of a file.

        Raises:
            HTTPError: 404, it is not of our template's.
        """
        parts = path.split("/")
        if parts[:2] != [TEMPLATE, "static"] or len(parts) < 3 or ".." in parts:
            raise HTTPError(404)
        return str(super().parse_url_path(path))


def log_request(handler: RequestHandler) -> None:
    """Tell of requests that failed by our fault, without the address's query, which holds the token."""
    if handler.get_status() >= 500 and handler.get_status() != 503:
        request = handler.request
        access_log.error("%d %s %s", handler.get_status(), request.method, request.path)


class DashboardServer(Voila):
    """Voila with bounds, and with the login page where its links lead: under the path of ``base_url``, as all else.

    Voila 0.5 leaves the login page at the root, and a visitor without the token is sent from one redirection to the next.
    """

    @default("kernel_websocket_connection_class")
    def _our_sockets(self) -> type:
        return KernelSocket

    @default("tornado_settings")
    def _our_bounds(self) -> dict[str, Any]:
        return {
            "websocket_max_message_size": MOST_MESSAGE_BYTES,
            "log_function": log_request,
            "static_path": DEFAULT_STATIC_FILES_PATH,  # Jupyter's pages for errors need it, or are errors themselves
            "static_url_prefix": url_path_join(self.base_url, "voila/static/"),
        }

    @default("config_file_paths")
    def _no_config_of_the_current_folder(self) -> list[str]:
        return list(jupyter_config_path())

    def init_handlers(self) -> list[Any]:
        """Return what is served where."""
        ours = {TornadoVoilaHandler: DashboardPage, TemplateStaticFileHandler: TemplateFiles}
        login = {path: handler for path, handler, *_ in self.identity_provider.get_handlers()}
        served: list[Any] = [Rule(Unreadable(), ErrorHandler, {"status_code": 404})]
        for path, handler, *rest in super().init_handlers():
            if path not in login:
                served.append((path, ours.get(handler, handler), *rest))
            elif "logout" not in path:  # Voila has no page for it
                served.append((url_path_join(self.server_url, path), handler, *rest))
        return served

    def listen(self) -> None:
        """Serve until Ctrl-C or SIGTERM.

        Raises:
            DataError: somebody else took the port meanwhile, or it may not be used.
        """
        try:
            self.app.listen(self.port, self.ip, max_body_size=_MOST_BODY_BYTES, max_buffer_size=2 * MOST_MESSAGE_BYTES)
        except OSError as error:
            self.stop()
            why = "no available port" if error.errno == errno.EADDRINUSE else error.strerror
            raise DataError(f"--port {self.port}: {why}. Name another.") from error
        gen_log.setLevel("ERROR")  # its warnings are of what visitors ask for, with their token
        self.ioloop = IOLoop.current()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            return
        finally:
            self.stop()
