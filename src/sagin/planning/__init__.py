"""The planner and its parts: goals, starts, powers, UAV positions, rounds, certificates."""
