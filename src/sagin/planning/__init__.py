"""The planner and its pieces: goals, starts, powers, UAV positions, rounds, certificates."""
