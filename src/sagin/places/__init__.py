"""Locations on the Earth: cell sites, user densities, traffic profiles and satellites."""
