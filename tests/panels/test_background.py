"""Work beside the loop: only the newest counts, and what fails is told."""

import asyncio
import threading

from dss_widgets.panels.background import Latest, Ticker


def test_without_a_loop_work_is_done_at_once():
    done = []
    Latest().run(lambda: 1, done.append, done.append)
    assert done == [1]


def test_what_goes_wrong_is_handed_over():
    failed = []
    Latest().run(lambda: 1 / 0, print, failed.append)
    assert isinstance(failed[0], ZeroDivisionError)


def test_an_older_result_that_comes_late_is_dropped(until, wait_for):
    async def go():
        latest, release, done = Latest(), threading.Event(), []
        latest.run(lambda: release.wait(10) and "old", done.append, done.append)
        latest.run(lambda: "new", done.append, done.append)
        release.set()
        await until(lambda: done)
        await until(lambda: threading.active_count() == 1 or len(done) > 1 or not latest._turn.locked())
        return done

    assert asyncio.run(asyncio.wait_for(go(), 30)) == ["new"]


def test_results_arrive_on_the_loop_and_not_in_the_thread(until, wait_for):
    async def go():
        where = []
        Latest().run(lambda: None, lambda _: where.append(threading.current_thread()), print)
        await until(lambda: where)
        return where[0]

    assert asyncio.run(asyncio.wait_for(go(), 30)) is threading.main_thread()


def test_a_ticker_goes_on_for_as_long_as_there_is_more(until, wait_for):
    async def go():
        left = [3, 2, 1]
        ticker = Ticker(lambda: bool(left.pop()) and bool(left), seconds=0)
        ticker.start()
        await until(ticker._task.done)
        assert not left

    asyncio.run(asyncio.wait_for(go(), 30))


def test_a_ticker_that_is_stopped_looks_no_more(until, wait_for):
    async def go():
        ticks = []
        ticker = Ticker(lambda: ticks.append(1) is None, seconds=0)
        ticker.start()
        await until(lambda: len(ticks) > 2)
        task = ticker._task
        ticker.stop()
        await until(task.cancelled)

    asyncio.run(asyncio.wait_for(go(), 30))


def test_a_ticker_goes_on_after_a_look_that_failed_and_says_so_once(until, wait_for, caplog):
    looks = []

    def look():
        looks.append(1)
        if len(looks) < 3:
            raise OSError("the lab's server is away")
        return False

    async def go():
        ticker = Ticker(look, seconds=0)
        ticker.start()
        await until(ticker._task.done)

    asyncio.run(asyncio.wait_for(go(), 30))
    assert len(looks) == 3
    assert caplog.text.count("OSError: the lab's server is away") == 1
