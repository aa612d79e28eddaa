"""Where a result comes from: versions, machine, device and commit."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from sagin import __version__
from sagin.machine import count_cores, read_cpu_model


def describe_commit() -> str:
    """Return the commit of the checkout that this package runs from, with a + if files differ from
    it; empty outside one.
    """
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    git = ["git", "-C", str(root)]
    try:
        answer = subprocess.run(
            [*git, "describe", "--always", "--abbrev=12", "--dirty=+"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()


def collect_provenance() -> dict[str, Any]:
    """Return versions, machine and device of this run, as plain data; no host or user name."""
    import jax
    import numpy

    return {
        "sagin": __version__,
        "jax": jax.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": jax.devices()[0].device_kind,
        "cpu": read_cpu_model(),
        "cores": count_cores(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "commit": describe_commit(),
    }
