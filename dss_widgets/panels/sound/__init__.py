"""Sound to look at: waveform, spectrogram, labels, and paging through it."""
