"""One file a format of annotations: how to recognise one of its files, and how to read it."""
