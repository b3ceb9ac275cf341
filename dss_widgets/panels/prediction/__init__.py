"""A network annotates recordings."""
