"""Space-air-ground integrated networks: physics, two published systems, and their optima."""

__version__ = "0.1.0"
