"""From a dataset to a network that learns."""
