"""Damaged inputs for every reader and for the command line, and an oracle of what is sense."""
