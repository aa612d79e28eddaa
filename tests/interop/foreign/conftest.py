"""The cases here need frameworks that only environments of their own have."""

collect_ignore_glob = ["*_case.py"]
