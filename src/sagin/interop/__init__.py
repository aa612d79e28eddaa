"""Adapters of staged games to Gymnasium, PettingZoo (both need the extra `rl`) and JaxMARL; import
the one you need.
"""
