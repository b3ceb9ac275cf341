"""What is said of a network that is given to others."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Bool, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options


class CardOptions(Options):
    """What only people know of a network: whose song it was trained on, who may use it, and how to cite it."""

    title = Unicode("").tag(label="Title", placeholder="the network's name", help_text="What the network is called.")
    description = Unicode("").tag(
        label="Description", placeholder="none",
        help_text="What was recorded, as a sentence or two: species, age and sex, place, microphone, who annotated it and how.",
    )  # fmt: skip
    authors = Unicode("").tag(label="Authors", placeholder="none", help_text="Who trained it, separated by commas.")
    license = Unicode("").tag(
        label="Licence", placeholder="not stated",
        help_text="What others may do with it, as an SPDX identifier such as CC-BY-4.0 or CC0-1.0.",
    )  # fmt: skip
    citation = Unicode("").tag(
        label="How to cite", placeholder="none", help_text="A reference, a DOI or an address, where the data or the study is."
    )

    def problems(self) -> Iterator[Problem]:
        """Yield nothing: all of it may be left out."""
        yield from ()


class SharingOptions(CardOptions):
    """Which network is packed with its model card, and where."""

    network = Unicode("").tag(
        label="Network",
        kind="file",
        shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem.",
    )
    out_file = Unicode("").tag(
        label="Zip file", kind="file", shown=False, placeholder="the network's name with .zip, beside it",
        help_text="Where the zip file is written.",
    )  # fmt: skip
    overwrite = Bool(False).tag(label="Overwrite", shown=False, help_text="Whether a file of that name may be replaced.")

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing: a network."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
