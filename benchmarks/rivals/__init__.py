"""Others' learners, each a program for a Python environment of its own: nothing here imports jax or
sagin.
"""
