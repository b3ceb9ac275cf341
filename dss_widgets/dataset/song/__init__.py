"""Demo song: synthetic recordings with exact annotations, for trying the program without own data and for tests.

``make_song`` writes a data folder; ``fly_song``, ``bird_song``, ``mouse_song`` and ``multichannel_song`` give the same
audio and annotations in memory; ``KINDS`` says what there is.
"""

from dss_widgets.dataset.song.files import make_song
from dss_widgets.dataset.song.kinds import KINDS, Kind, bird_song, fly_song, mouse_song, multichannel_song
from dss_widgets.dataset.song.score import Annotation

__all__ = [
    "KINDS",
    "Annotation",
    "Kind",
    "bird_song",
    "fly_song",
    "make_song",
    "mouse_song",
    "multichannel_song",
]
