"""Studies: a figure as data, the store that keeps what has been run, and the statistics that judge
claims.
"""
