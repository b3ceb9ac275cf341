"""Audio, whatever file it is in, in blocks of ``[samples, channels]``."""
