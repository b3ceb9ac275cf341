"""Where to look first: stretches of recordings, each with why it is worth a look."""

from dss_widgets.review.stretches import Stretch

__all__ = ["Stretch"]
