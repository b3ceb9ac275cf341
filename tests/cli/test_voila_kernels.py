"""The kernels of a served dashboard: what they import, when they end, and which messages reach them."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.kernelspec import NoSuchKernel
from tornado.web import HTTPError

from dss_widgets.cli.voila_kernels import MOST_PARTS, PAGE_GONE_SECONDS, DashboardKernels, DashboardSpecs, is_whole

PARTS = (b"shell", json.dumps({"msg_type": "comm_msg"}).encode(), b"{}", b"{}", b"{}")


def packed(parts):
    """Return parts as a message: a number of offsets, the offsets, the parts."""
    first = 8 * (len(parts) + 2)
    offsets = [first + sum(map(len, parts[:n])) for n in range(len(parts) + 1)]
    return b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets)) + b"".join(parts)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_messages_of_widgets_pass_with_their_binary_values(buffers):
    assert is_whole(packed([*PARTS, *buffers]))


@given(st.binary(max_size=200))
def test_other_bytes_are_no_message_and_no_error(sent):
    assert not is_whole(sent)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_message_with_a_wrong_byte_is_taken_or_refused_without_an_error(place, value):
    sent = bytearray(packed(PARTS))
    sent[place % len(sent)] = value
    assert is_whole(bytes(sent)) in (True, False)


@pytest.mark.parametrize(
    "sent",
    [
        "text",
        (2**63).to_bytes(8, "little"),
        (MOST_PARTS + 1).to_bytes(8, "little") * (MOST_PARTS + 2),
        packed(PARTS[:4]),
        packed([*PARTS[:1], b"[]", *PARTS[2:]]),
        packed([*PARTS[:1], b'{"msg_type": 3}', *PARTS[2:]]),
        packed([*PARTS[:1], b"[" * 100_000, *PARTS[2:]]),
        packed([b"\xff", *PARTS[1:]]),
        packed(PARTS)[:-1],
    ],
    ids=["text", "endless", "many", "few", "list", "number", "deep", "no text", "cut"],
)
def test_what_is_not_whole_is_refused(sent):
    assert not is_whole(sent)


def test_there_is_one_kind_of_kernel_and_it_imports_nothing_from_where_it_works():
    specs = DashboardSpecs()
    assert list(specs.get_all_specs()) == ["python3"]
    argv = specs.get_kernel_spec("python3").argv
    assert argv[:2] == [sys.executable, "-P"]
    assert "--InteractiveShellApp.ignore_cwd=True" in argv
    with pytest.raises(NoSuchKernel):
        specs.get_kernel_spec("another")


class Kernels:
    """Real kernels, and a clock that can be turned on."""

    def __init__(self, folder, **how):
        self.all = DashboardKernels(
            kernel_spec_manager=DashboardSpecs(), connection_dir=str(folder), root_dir=str(folder), patience_seconds=0.2,
            cull_idle_timeout=PAGE_GONE_SECONDS, cull_connected=False, **how,
        )  # fmt: skip

    def later(self, kernel, seconds):
        self.all.get_kernel(kernel).last_activity -= timedelta(seconds=seconds)


def test_a_kernel_ends_soon_after_its_page_and_not_before(tmp_path):
    async def story():
        kernels = Kernels(tmp_path)
        kernel = await kernels.all.start_kernel(kernel_name="python3")
        try:
            kernels.all.notify_connect(kernel)
            kernels.later(kernel, 10_000)  # read at length, and nothing pressed
            await kernels.all.cull_kernels()
            assert kernel in kernels.all

            kernels.all.notify_disconnect(kernel)
            await kernels.all.cull_kernels()
            assert kernel in kernels.all, "its connection may come back"
            assert datetime.now(UTC) - kernels.all.get_kernel(kernel).last_activity < timedelta(seconds=60)

            kernels.later(kernel, PAGE_GONE_SECONDS + 60)
            await kernels.all.cull_kernels()
            assert kernel not in kernels.all
        finally:
            await kernels.all.shutdown_all(now=True)

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["comm_msg", "comm_open", "status", "stream", None])
def test_what_widgets_tell_by_themselves_keeps_no_kernel_alive(tmp_path, kind):
    assert not Kernels(tmp_path).all.track_message_type(kind)


def test_there_are_so_many_kernels_and_no_more_also_of_those_that_are_just_starting(tmp_path):
    async def story():
        kernels = Kernels(tmp_path, max_visitors=1)
        try:
            made = await asyncio.gather(
                *(kernels.all.start_kernel(kernel_name="python3") for _ in range(3)), return_exceptions=True
            )
        finally:
            await kernels.all.shutdown_all(now=True)
        assert sum(isinstance(one, str) for one in made) == 1
        assert {one.status_code for one in made if isinstance(one, HTTPError)} == {503}

    asyncio.run(story())
