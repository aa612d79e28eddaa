"""Figures, tables and pages, drawn from stored results alone."""
