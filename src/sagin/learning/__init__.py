"""Learners for any staged game, as pure compiled functions of key, game and settings."""
