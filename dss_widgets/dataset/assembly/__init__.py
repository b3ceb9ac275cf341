"""Writing a planned dataset."""
