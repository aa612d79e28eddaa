"""Settings of all tests: shapes are checked at run time, and either float width is available."""

import os
from pathlib import Path

import jax
import psutil
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

PROGRAMS_BYTES = 2 * 2**30
"""What a process may take at the end of a test module before it forgets its programs."""

hook = install_import_hook("sagin", "typechecked.checked")

# a first call compiles, so that time says nothing; the seed is fixed, so that a red suite is red
# again
settings.register_profile("sagin", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("sagin")


def pytest_addoption(parser):
    """Add the option that compiles programs as users do."""
    parser.addoption(
        "--optimised",
        action="store_true",
        help="optimise compiled programs as outside of tests: slower to start",
    )


def pytest_configure(config):
    """Compile without optimising, and once for all tests, processes and runs, unless --optimised;
    results differ in the last bits.

    Versions, CPU and flags are part of a compiled program's key.
    """
    if config.getoption("--optimised"):
        return
    from sagin.machine import count_cores

    # as workers on a small machine do, who then find the programs of this process
    if count_cores() < 4:
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    home = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
    programs = home / "sagin" / "test-programs"
    programs.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "jax_compilation_cache_dir": str(programs),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": 0,
        "jax_disable_most_optimizations": True,
    }.items():
        jax.config.update(name, value)
        os.environ[name.upper()] = str(value)  # for processes that tests start


def list_slow_tests():
    """Return the beginnings of the names of slow tests, as listed in slow.txt."""
    lines = (Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the slow tests before pytest deselects marked tests."""
    names = list_slow_tests()
    for item in items:
        if item.nodeid.removeprefix("tests/").startswith(names):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(params=[False, True], ids=["float32", "float64"])
def both_widths(request):
    """Run a test with 32-bit and with 64-bit floats; the value is the width's machine epsilon."""
    with jax.enable_x64(request.param):
        yield 2.0**-52 if request.param else 2.0**-23


@pytest.fixture
def float64():
    """Run a test with 64-bit floats."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(autouse=True, scope="module")
def _bounded_memory():
    """Drop compiled programs once they use much memory; all together they need gigabytes."""
    yield
    if psutil.Process().memory_info().rss > PROGRAMS_BYTES:
        jax.clear_caches()
