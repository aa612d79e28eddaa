"""Golden numbers: results stored with the environment that computed them, for comparison."""

import json
import os
import platform
from pathlib import Path

import jax
import jaxlib
import numpy as np

FOLDER = Path(__file__).parent
TOLERANCE = 1e-5
"""Relative, where jax, numpy, CPU or XLA flags are not those stored."""


def describe_environment() -> dict[str, str]:
    """Return what numbers may depend on beside the code."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "jax": jax.__version__,
        "jaxlib": jaxlib.__version__,
        "numpy": np.__version__,
        "cpu": models[0] if models else platform.processor(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "optimised": str(not jax.config.values["jax_disable_most_optimizations"]),
    }


def compare_numbers(room: str, case: str, numbers: dict[str, np.ndarray]) -> None:
    """Assert that a case's numbers are those stored in `<room>.json`: bit for bit in the stored
    environment, within TOLERANCE elsewhere.
    """
    path = FOLDER / f"{room}.json"
    stored = json.loads(path.read_text()) if path.exists() else {"cases": {}}
    plain = {name: np.asarray(value).tolist() for name, value in numbers.items()}
    if os.environ.get("SAGIN_STORE_NUMBERS"):
        cases = {**stored["cases"], case: plain}
        content = {"environment": describe_environment(), "cases": cases}
        path.write_text(json.dumps(content, indent=1) + "\n")
        return
    expected = stored["cases"][case]
    assert set(plain) == set(expected)
    exact = stored["environment"] == describe_environment()
    for name, value in plain.items():
        if exact:
            np.testing.assert_array_equal(value, expected[name], err_msg=f"{case}: {name}")
        else:
            np.testing.assert_allclose(
                value, expected[name], rtol=TOLERANCE, err_msg=f"{case}: {name}"
            )
