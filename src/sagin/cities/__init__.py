"""What relieves a city's cells: the hours of a day without and with satellites and UAVs."""
