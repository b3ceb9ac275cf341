"""The options of training a network for every song type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from traitlets import Bool, List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.training import TrainingOptions


class EachSongTypeOptions(TrainingOptions):
    """How the networks are trained of which each knows one song type alone."""

    suit = Bool(True).tag(
        label="Suit each song type", shown=False,
        help_text="Train each network with what suits its song type, but for the options that were chosen.",
    )  # fmt: skip
    chosen = List(Unicode()).tag(
        label="Chosen", kind="names", shown=False, help_text="The options that are the same for all networks.",
    )  # fmt: skip

    def common(self) -> dict[str, object]:
        """Return the training options that were chosen, with their values."""
        return {name: getattr(self, name) for name in self.chosen if name in TrainingOptions.declared() and name != "song_type"}

    def training(self, song_type: str, suited: dict[str, object]) -> TrainingOptions:
        """Return the options of the training for one song type.

        Args:
            song_type: its name, which its files' names begin with.
            suited: what suits it; it does not count for options that were chosen.
        """
        values = {name: value for name, value in self.as_dict().items() if name in TrainingOptions.declared()}
        values |= {name: value for name, value in suited.items() if self.suit and name not in self.chosen}
        as_file_name = re.sub(r'[/\\:*?"<>|\0\n]', "_", song_type).lstrip(".") or "_"
        prefix = "_".join(filter(None, [self.prefix, as_file_name]))
        return TrainingOptions.from_dict({**values, "song_type": song_type, "prefix": prefix})

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the training options, and a song type that is chosen."""
        if self.song_type:
            told = f"is {self.song_type!r}, but a network is trained for each one."
            yield Problem(told, "Leave it empty.", field="song_type")
        for name in ("devices", "nodes"):
            if getattr(self, name) > 1:
                told = f"is {getattr(self, name)}, but one network is trained after the other here, each by one process."
                yield Problem(told, "Choose 1, or train for one song type at a time.", field=name)
        yield from super().problems()
