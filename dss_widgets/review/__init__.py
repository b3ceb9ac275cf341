"""Where a correction is worth most: stretches of recordings, ranked by what networks say of them; pure, without tensorflow.

Probabilities -> ``windows`` (sums of a second or less) -> ``candidates`` (every stretch that could be asked for) ->
``rankings`` (which of them first, and why). What reads recordings and predicts is ``network.review``.
"""

from dss_widgets.review.stretches import Stretch, read_stretches, write_stretches

__all__ = ["Stretch", "read_stretches", "write_stretches"]
