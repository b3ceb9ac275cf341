"""Learning along: what a process does that learns together with others and is not the first of them."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.network.beginning import begin_network
from dss_widgets.network.together import Alone
from dss_widgets.network.trainer_setup import new_trainer
from dss_widgets.options import TrainingOptions


def learn_along(options: TrainingOptions, *, run_folder: Path, together: Alone) -> None:
    """Learn from one's part of every batch for as long as the first process, which calls ``fit``, does; nothing is written.

    Args:
        options: of the training.
        run_folder: where the first process keeps the checkpoint.
        together: the processes.

    Raises:
        RunError: the first process has ended, or reads another checkpoint.
        DataError: dataset or network to start from cannot be read.
    """
    dataset = open_dataset(options.store_path)
    beginning = begin_network(options, dataset, together.of_first(0), run_folder)
    trainer = new_trainer(
        options, dataset, beginning.network, beginning.seed, run_folder=run_folder, on_event=lambda _event: None,
        should_stop=lambda: False, on_best=lambda: None, renew=beginning.renew, together=together,
    )  # fmt: skip
    trainer.resume()
    trainer.run()
