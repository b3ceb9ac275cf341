"""Annotations in other tools' formats, a file a format: the text of their files, read back with the same times and names."""
