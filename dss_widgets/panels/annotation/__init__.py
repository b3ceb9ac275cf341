"""Annotating and correcting: recordings, their labels on the sound, and where to look next."""
