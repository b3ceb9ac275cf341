"""Dataset folders as they are on disk, made here or by DAS, read without running anything from them."""
