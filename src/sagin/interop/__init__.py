"""Adapters of staged games to Gymnasium, PettingZoo (both need the extra `rl`) and JaxMARL.

Import the module of the interface that you need.
"""
