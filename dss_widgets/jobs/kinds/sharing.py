"""Packing a network with its model card."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.file_endings import PARAMS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.card import SharingOptions
from dss_widgets.results.networks import has_network
from dss_widgets.results.params_file import read_params
from dss_widgets.results.sharing import pack_network, plain_network_files
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


class Sharing(Kind[SharingOptions]):
    """Sharing: writes a zip file with all that it takes to use a network."""

    name = "card"
    label = "model card"
    options = SharingOptions

    def settled(self, options: SharingOptions) -> SharingOptions:
        """Return the options with absolute paths."""
        stem = stem_of(options.network)
        out = Path(options.out_file).expanduser().absolute() if options.out_file else stem.with_name(f"{stem.name}.zip")
        return options.copy(network=str(stem), out_file=str(out))

    def folder(self, options: SharingOptions) -> Path:
        """Return the folder beside the network's files that is named after it."""
        stem = stem_of(options.network)
        return stem.with_name(f"{stem.name}_card{SUFFIX}")

    def problems(self, options: SharingOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where the network's params cannot be read."""
        del resuming
        read_params(confined(f"{stem_of(options.network)}{PARAMS_SUFFIX}"))
        confined(options.out_file)
        return list(options.problems())

    def work(self, task: Task[SharingOptions]) -> None:
        """Write the zip file."""
        task.tell(StateChanged(state="working"))
        o, stem = task.options, Path(task.options.network)
        with _weights(stem) as weights:
            task.check()
            written = pack_network(stem, Path(o.out_file), o, weights=weights, overwrite=o.overwrite)
        task.tell(OutcomeTold(values={"file": str(written)}))

    def outcome(self, options: SharingOptions, status: JobStatus) -> Path:
        """Return the zip file.

        Raises:
            DataError: it was not written to the end.
        """
        if "file" not in status.outcome:
            raise DataError(f"{options.out_file}: was not written to the end.")
        return Path(str(status.outcome["file"]))


@contextmanager
def _weights(stem: Path) -> Iterator[Path | None]:
    """Give a file with the weights alone where only DAS 0.33's own has them; it is gone afterwards."""
    if plain_network_files(stem) or not has_network(stem):
        yield None
        return
    from dss_widgets.network.das_weights import save_das_weights
    from dss_widgets.network.trained import load_trained

    trained = load_trained(stem)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"network{WEIGHTS_SUFFIX}"
        save_das_weights(path, trained.settings.architecture, trained.weights)
        yield path
