"""The leaderboard: compare methods on the same held-out slots or drops, with verifiable entries."""
