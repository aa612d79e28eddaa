"""The leaderboard: methods on the same held-out slots or drops, and entries that can be verified."""
