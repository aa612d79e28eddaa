"""Benchmarks of time and memory, reported as medians; `make bench` or
`python -m benchmarks NAME...` runs them.
"""
