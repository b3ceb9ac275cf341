"""Learning on from corrections: what there is to learn, the press that starts it, and what each round brought."""
