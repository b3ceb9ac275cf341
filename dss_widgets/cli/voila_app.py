"""Voila's server, mended for a path of its own."""

from __future__ import annotations

from typing import Any

from jupyter_server.utils import url_path_join
from voila.app import Voila


class DashboardServer(Voila):
    """Voila with the login page where its links lead: under the path of ``base_url``, as all else.

    Voila 0.5 leaves it at the root, and a visitor without the token is sent from one redirection to the next.
    """

    def init_handlers(self) -> list[Any]:
        """Return what is served where."""
        login = {path for path, *_ in self.identity_provider.get_handlers()}
        return [
            (url_path_join(self.server_url, path), *rest) if path in login else (path, *rest)
            for path, *rest in super().init_handlers()
        ]
