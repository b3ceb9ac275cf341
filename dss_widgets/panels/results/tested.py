"""The dataset that a test was made on: its audio and annotations, if it is still there and the same."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.stores.store import Dataset, Split, open_dataset
from dss_widgets.errors import DataError
from dss_widgets.results.results_file import Results
from dss_widgets.roots import why_refused


def tested_store(results: Results) -> str:
    """Return the folder of the dataset that a test was made on, '' if the results do not tell."""
    told = results.params.get("tested_on") or {}
    return str(told.get("store_path") or results.params.get("data_dir") or "")


def tested_split(results: Results) -> tuple[Dataset, Split]:
    """Return the dataset that a test was made on, and its test split.

    Raises:
        DataError: it may not be read, is gone, or was assembled anew since: the message is meant for people.
    """
    store = tested_store(results)
    if not store:
        raise DataError("The results do not say which dataset they were made on. Test again to have that written down.")
    if why_refused(store):
        raise DataError(f"{store} {why_refused(store)} Test again on a dataset inside of them.")
    if not Path(store).expanduser().is_dir():
        raise DataError(f"{store} is gone. Put the dataset back there, or test again on another.")
    dataset = open_dataset(store)
    split = dataset.split("test")
    told = results.params.get("tested_on") or {}
    own = results.params.get("data_hash") if "dss_widgets" in results.params else None  # DAS's is of another kind
    fingerprint = told.get("fingerprint") or own
    if split.n_samples != results.n_samples or (fingerprint and str(fingerprint) != dataset.fingerprint):
        raise DataError(f"{Path(store).name} was assembled anew since this test. Test again to see what it holds now.")
    return dataset, split
