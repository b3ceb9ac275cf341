"""What is wrong with recordings and annotations, as problems with file, row and mend."""
