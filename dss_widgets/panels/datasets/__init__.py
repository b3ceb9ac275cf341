"""An assembled dataset to look at."""
