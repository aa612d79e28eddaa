"""Upper bounds that no allocation of a slot exceeds."""
