"""How every panel looks: theme, colours, words and plots."""
