"""The leaderboard: methods on the same held-out slots or drops, with entries to verify."""
