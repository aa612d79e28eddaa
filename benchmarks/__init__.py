"""Times and memory, measured as medians; run by `make bench` or `python -m benchmarks NAME...`."""
