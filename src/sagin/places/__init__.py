"""Places on the Earth: cell sites cut out of a large dump."""
