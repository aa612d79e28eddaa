"""Space-air-ground integrated networks: verified physics, two published systems, and their optima."""

__version__ = "0.1.0"
