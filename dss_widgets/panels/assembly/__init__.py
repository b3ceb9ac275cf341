"""From a folder of annotated recordings to a dataset, with the splits to look at first."""
