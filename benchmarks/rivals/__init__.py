"""Learners of other libraries, each a program for its own Python environment: no module here
imports jax or sagin.
"""
