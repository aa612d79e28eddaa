"""Damaged inputs for every reader and the command line, and an oracle for accepted input."""
