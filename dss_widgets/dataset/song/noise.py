"""Steady background noise with a spectrum, any block of which can be computed on its own."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

BLOCK_SAMPLES = 2**16
"""The longest block that is rendered at once."""

_LOOP_SAMPLES = (2**18, 3**11)
"""Lengths of the two loops whose sum is the noise: without a common factor, so their sum repeats after days."""


class Noise:
    """Independent coloured noise on every channel.

    Each channel is the sum of two loops of noise: as good as fresh noise for the ear and the network, and much faster
    than filtering hours of it.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        spectrum: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
        samplerate_hz: int,
        level: float,
        n_channels: int = 1,
    ) -> None:
        """Make noise of the root mean square ``level`` whose amplitude spectrum is ``spectrum(frequencies_hz)``."""
        self.n_channels = n_channels
        share = level / np.sqrt(len(_LOOP_SAMPLES))
        self._loops = [
            [_loop(rng, spectrum, samplerate_hz, n_samples) * share for n_samples in _LOOP_SAMPLES] for _ in range(n_channels)
        ]

    def block(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Return the noise in the samples ``[start, stop)``, at most ``BLOCK_SAMPLES``, as ``[samples, channels]``."""
        block = np.zeros((stop - start, self.n_channels))
        for channel, loops in enumerate(self._loops):
            for loop, period in zip(loops, _LOOP_SAMPLES, strict=True):
                at = start % period
                block[:, channel] += loop[at : at + stop - start]
        return block


def _loop(
    rng: np.random.Generator,
    spectrum: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    samplerate_hz: int,
    n_samples: int,
) -> npt.NDArray[np.float64]:
    """Return noise of root mean square 1 that closes on itself, with its first block once more at its end."""
    frequencies_hz = np.fft.rfftfreq(n_samples, 1 / samplerate_hz).astype(np.float64)
    phases = 2 * np.pi * rng.random(len(frequencies_hz))
    amplitudes = spectrum(frequencies_hz)
    amplitudes[0] = 0
    wave = np.fft.irfft(amplitudes * np.exp(1j * phases), n_samples)
    wave /= np.sqrt(np.mean(wave**2))
    return np.concatenate([wave, wave[:BLOCK_SAMPLES]])
