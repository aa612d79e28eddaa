"""Neither `import sagin` nor a help text of the command line loads the heavy libraries."""

import subprocess
import sys

import pytest

HEAVY = ("jax", "matplotlib", "polars", "pydantic", "scipy")


@pytest.mark.parametrize("code", ["import sagin", "import sagin.cli.main"])
def test_heavy_libraries_are_loaded_on_use(code):
    script = f"{code}\nimport sys\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
