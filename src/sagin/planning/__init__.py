"""The pieces of the planner: what is searched, where it starts, powers, UAV positions, and rounds
of them all.
"""
