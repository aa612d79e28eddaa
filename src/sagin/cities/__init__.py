"""Relief of a city's cells: the hours of a day with and without satellites and UAVs."""
