"""Calls a benchmark's function in this new process and prints its return value as JSON."""

import importlib
import json
import sys

if __name__ == "__main__":
    module, name, arguments = sys.argv[1:]
    print(json.dumps(getattr(importlib.import_module(module), name)(*json.loads(arguments))))
