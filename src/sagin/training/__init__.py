"""Training runs as files: what a run is, its seeds, their records, and the policies that come out.

`train` writes what `sagin train` writes; `load_policy` gives the policy of a trained folder.
"""
