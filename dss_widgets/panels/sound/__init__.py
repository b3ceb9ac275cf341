"""Sound to look at and to listen to: waveform, spectrogram, curves and labels over one axis of time."""
