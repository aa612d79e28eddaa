"""Origin of a result: versions, machine, device and commit."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from sagin import __version__
from sagin.machine import count_cores, read_cpu_model

SETTINGS = {
    "jax_enable_x64": False,
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_default_matmul_precision": None,
}
"""JAX settings that affect numbers, with their defaults."""


def describe_commit() -> str:
    """Return the commit of the checkout that contains this package; empty outside a checkout.

    A + marks files that differ from it.
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


def read_settings() -> dict[str, Any]:
    """Return the JAX settings that affect numbers, without loading JAX."""
    if "jax" in sys.modules:
        import jax

        return {name: jax.config.values[name] for name in SETTINGS}
    return {name: _read_variable(name, default) for name, default in SETTINGS.items()}


def _read_variable(name: str, default: Any) -> Any:
    """Return a setting as JAX takes it from the environment."""
    text = os.environ.get(name.upper())
    if text is None or not isinstance(default, bool):
        return default if text is None else text
    return text.lower() in ("y", "yes", "t", "true", "on", "1")


def collect_provenance() -> dict[str, Any]:
    """Return versions, settings, machine and device of this run, as plain data.

    Host and user names are not included.
    """
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
        **read_settings(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "commit": describe_commit(),
    }
