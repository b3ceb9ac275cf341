"""The kernels behind the dashboards: how many there may be, when they end, what they import, and who may talk to them."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import zmq
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Float, Integer, default

PROTOCOL = "v1.kernel.websocket.jupyter.org"
"""The kernel protocol that Voila's pages and JupyterLab ask for; the one before it can keep a server busy with one message."""

MOST_PARTS = 1024
"""Parts of a message: an offset each; a channel, header, parent, metadata, content, and the binary values of a widget."""
_FEWEST_OFFSETS = 6

MOST_SOCKETS = 8
"""Of one kernel: its page has one, and another for a moment when it reconnects."""

PAGE_GONE_SECONDS = 180
"""A kernel whose page has gone without a goodbye is ended after so long: time for a connection to come back."""

_NATIVE = "python3"


class DashboardSpecs(KernelSpecManager):
    """One kind of kernel: this very Python, which imports nothing from the folder that it works in."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the one name, with ipykernel's own pictures."""
        return {_NATIVE: str(RESOURCES)}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how the kernel is started: ``-P`` is for Python, ``ignore_cwd`` for IPython before 9.7.

        Raises:
            NoSuchKernel: it has another name.
        """
        if kernel_name != _NATIVE:
            raise NoSuchKernel(kernel_name)
        command = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(
            argv=[*command, "--InteractiveShellApp.ignore_cwd=True"],
            display_name="Python 3",
            language="python",
            resource_dir=str(RESOURCES),
            metadata=get_kernel_dict()["metadata"],
        )


class DashboardKernels(AsyncMappingKernelManager):
    """Kernels of so many visitors at most, each for as long as its page is there."""

    max_visitors = Integer(20, min=1, config=True, help="Pages that may be open at a time.")
    patience_seconds = Float(5.0, config=True, help="How long a visitor waits for the kernel of a page just closed to end.")

    def __init__(self, **kwargs: Any) -> None:
        self._starting: set[str] = set()
        super().__init__(**kwargs)

    @default("transport_encryption")
    def _encrypted_where_possible(self) -> str:
        """Return what new versions of Jupyter have a warning for: other users of the machine cannot listen either way."""
        return "auto" if zmq.has("curve") else "disabled"

    @property
    def is_full(self) -> bool:
        """Whether there is no place for another visitor."""
        return len({*self.list_kernel_ids(), *self._starting}) >= self.max_visitors

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start the kernel of a visitor and return its id.

        Raises:
            HTTPError: 503, there are too many.
        """
        for _ in range(int(self.patience_seconds / 0.1)):
            if not self.is_full:
                break
            await asyncio.sleep(0.1)
        if self.is_full:
            raise HTTPError(503, "There are %s visitors already", self.max_visitors)
        kernel_id = kwargs.pop("kernel_id", None) or str(uuid.uuid4())
        self._starting.add(kernel_id)
        try:
            return str(await super().start_kernel(kernel_id=kernel_id, **kwargs))
        finally:
            self._starting.discard(kernel_id)

    def track_message_type(self, message_type: str | None) -> bool:
        """Return whether a message counts as use: running the notebook does; what widgets tell by themselves does not, or a
        kernel whose page has gone would go on for as long as it has something to tell.
        """
        return message_type == "execute_request"

    def notify_disconnect(self, kernel_id: str) -> None:
        """Take it that a page has gone: from here on its kernel's time runs."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self:
            kernel: Any = self.get_kernel(kernel_id)
            kernel.last_activity = datetime.now(UTC)


class KernelSocket(ZMQChannelsWebsocketConnection):
    """A page's connection to its kernel: the current protocol alone, and nothing that would keep the server busy."""

    async def prepare(self) -> None:
        """Make ready.

        Raises:
            HTTPError: the page does not ask for the current protocol, or the kernel has enough connections.
        """
        asked = self.websocket_handler.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in {word.strip() for word in asked.split(",")}:
            raise HTTPError(400, "A kernel is talked to by %s alone", PROTOCOL)
        if self.multi_kernel_manager.kernel_model(self.kernel_id)["connections"] >= MOST_SOCKETS:
            raise HTTPError(429, "This kernel has %s connections already", MOST_SOCKETS)
        await super().prepare()

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass a message on to the kernel; one that is not whole ends the connection."""
        if is_whole(incoming_msg):
            super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type] # bytes, whatever it is said to be
        else:
            self.websocket_handler.close(1008, "not a kernel message")


def is_whole(message: str | bytes) -> bool:
    """Return whether a message is one of the current protocol, without doing anything that takes long for one that is not.

    It begins with a number of offsets and the offsets (8 bytes each, little-endian), which cut the rest into channel, header,
    parent header, metadata, content and binary values.
    """
    if not isinstance(message, bytes):
        return False
    n_offsets = int.from_bytes(message[:8], "little")
    if not _FEWEST_OFFSETS <= n_offsets <= MOST_PARTS or len(message) < 8 * (n_offsets + 1):
        return False
    offsets = [int.from_bytes(message[8 * i : 8 * (i + 1)], "little") for i in range(1, n_offsets + 1)]
    if offsets[0] < 8 * (n_offsets + 1) or offsets != sorted(offsets) or offsets[-1] > len(message):
        return False
    try:
        header = json.loads(message[offsets[1] : offsets[2]])
        message[offsets[0] : offsets[1]].decode()
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and isinstance(header.get("msg_type"), str)
