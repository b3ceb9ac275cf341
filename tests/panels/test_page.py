"""A page that is still loading asks for the widgets that are there: none is made or changed by itself before it has them."""

import asyncio
import threading

import pytest

from dss_widgets.panels import Monitor
from dss_widgets.panels.background import Latest, Ticker
from dss_widgets.panels.page import this_page
from dss_widgets.panels.style.theme import style


@pytest.fixture
def voila(monkeypatch):
    """A kernel that Voila started, whose page has not come yet."""
    monkeypatch.setenv("VOILA_PREHEAT", "False")
    this_page.cache_clear()
    style().close()  # made again by the next panel, as in a new kernel
    yield
    this_page.cache_clear()
    style().close()


def the_page_comes():
    """Do what the browser does when it shows the first panel."""
    style().set_state({"_view_count": 1})


async def rounds(n=20):
    for _ in range(n):
        await asyncio.sleep(0)


def test_results_wait_for_the_page(voila, until):
    async def go():
        style()
        done, read = [], []
        Latest().run(lambda: read.append("read") or "result", done.append, done.append)
        await until(lambda: read)
        await rounds()
        assert not done
        the_page_comes()
        await until(lambda: done)
        return done

    assert asyncio.run(asyncio.wait_for(go(), 30)) == ["result"]


def test_only_the_newest_result_has_waited(voila, until):
    async def go():
        style()
        latest, done, read = Latest(), [], []
        for word in ("old", "new"):
            latest.run(lambda word=word: read.append(word) or word, done.append, done.append)
            await until(lambda word=word: word in read)
        await rounds()
        the_page_comes()
        await until(lambda: done)
        await rounds()
        return done

    assert asyncio.run(asyncio.wait_for(go(), 30)) == ["new"]


def test_what_is_looked_at_again_and_again_waits_for_the_page(voila, until):
    async def go():
        style()
        ticks = []
        Ticker(lambda: ticks.append(1) is None, seconds=0).start()
        await rounds()
        assert not ticks
        the_page_comes()
        await until(lambda: len(ticks) > 2)

    asyncio.run(asyncio.wait_for(go(), 30))


def test_no_panel_makes_a_widget_while_its_page_loads(voila, pretend, until, monkeypatch):
    run = pretend()
    made = []

    async def go():
        threads = threading.active_count()
        panel = Monitor(run=run.run)
        monkeypatch.setattr("ipywidgets.Widget._widget_construction_callback", made.append)
        run.epoch(1, 1.0, 1.1, best=1, best_loss=1.1)
        await until(lambda: threading.active_count() == threads)  # all is read
        await rounds()
        assert not made
        the_page_comes()
        await until(lambda: made)
        panel.close()

    asyncio.run(asyncio.wait_for(go(), 30))


def test_where_no_page_has_to_load_nothing_waits(until):
    async def go():
        done = []
        Latest().run(lambda: "result", done.append, done.append)
        await until(lambda: done)

    asyncio.run(asyncio.wait_for(go(), 30))
