"""The worker: trains one run in this process and writes what happens into the run's folder.

``python -m dss_widgets.runs.worker RUN_FOLDER``; :func:`dss_widgets.runs.start.launch` does that.
"""

from __future__ import annotations

import signal
import sys
import traceback
from pathlib import Path

from dss_widgets.errors import DssWidgetsError
from dss_widgets.events import Event, StateChanged
from dss_widgets.runs import lock
from dss_widgets.runs.events import append_event
from dss_widgets.runs.run import Run


def train(run: Run) -> int:
    """Train a run to its end, from its checkpoint if it has one, and record how it ended.

    Returns:
        An exit code: 0 finished or stopped, 1 failed.
    """
    events, stop_file = run.folder / "events.jsonl", run.folder / "stop"

    def tell(event: Event) -> None:
        append_event(events, {name: value for name, value in event.as_dict().items() if value is not None})

    def should_stop() -> bool:
        return stop_file.exists()

    signal.signal(signal.SIGTERM, lambda *_: stop_file.touch())
    try:
        from dss_widgets.network.own_process import set_up_own_process

        set_up_own_process()
        from dss_widgets.network.fit import fit

        fit(run.options(), run.stem, run_folder=run.folder, on_event=tell, should_stop=should_stop, resume=True)
    except MemoryError:
        traceback.print_exc()
        tell(_failed("There is not enough memory. Use a smaller batch, shorter chunks or fewer filters."))
        return 1
    except DssWidgetsError as error:
        print(error, file=sys.stderr)
        tell(_failed(str(error)))
        return 1
    except Exception as error:
        traceback.print_exc()
        tell(_failed(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"))
        return 1
    tell(StateChanged(state="stopped" if should_stop() else "finished"))
    return 0


def _failed(message: str) -> StateChanged:
    return StateChanged(state="failed", message=message)


def main() -> int:
    """Train the run named on the command line, holding its lock."""
    run = Run(Path(sys.argv[1]).resolve())
    path = run.folder / "worker.lock"
    held = lock.acquire(path)  # None where it was inherited from the process that started this one
    try:
        return train(run)
    finally:
        if held is not None:
            held.close()


if __name__ == "__main__":
    sys.exit(main())
