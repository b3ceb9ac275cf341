"""Runs while they learn, and after."""
