"""Policies of the slicing system that need no learning."""
