"""Which stretch of which recording goes to train, validation and test. Pure; writes nothing."""
