"""Policies of the slicing system without learning."""
