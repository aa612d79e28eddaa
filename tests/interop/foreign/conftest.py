"""These cases need frameworks that are installed only in separate environments."""

collect_ignore_glob = ["*_case.py"]
