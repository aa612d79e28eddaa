"""Learners for any staged game: MADDPG and MAPPO, compiled, as pure functions of key, game and
settings.
"""
