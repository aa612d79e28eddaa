"""Resources of the machine that this process may use."""

import gc
import os
import platform
from contextlib import suppress
from pathlib import Path


def collect_rarely() -> None:
    """Collect garbage less often: imports and tracing create many objects and hardly any cycles.

    With the default, garbage collection takes an eighth of a command's start.
    """
    gc.set_threshold(100_000, 20, 20)


def count_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_first_processor(*fields: str) -> str:
    """Return the first of several fields in the system's description of its first processor."""
    try:
        with Path("/proc/cpuinfo").open() as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() in fields:
                    return value.strip()
    except OSError:
        pass
    return ""


def read_cpu_model() -> str:
    """Return the model of this machine's processor; empty if it is unknown."""
    return _read_first_processor("model name") or platform.processor()


def read_cpu_flags() -> str:
    """Return the instruction sets of this machine's processor; empty if they are unknown."""
    return _read_first_processor("flags", "Features")


def measure_memory() -> int:
    """Return the bytes of memory that the system reports as available for new processes.

    A control group's limit counts in full, because its used memory includes cache.
    """
    sizes = [
        1024 * _read_number(Path("/proc/meminfo"), "MemAvailable:"),
        _read_number(Path("/sys/fs/cgroup/memory.max")),
        _read_number(Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0,
    ]
    return min((size for size in sizes if size > 0), default=0)


def measure_resident() -> int:
    """Return the bytes of memory that this process takes; at most so far where that alone is known.

    0 where nothing is.
    """
    kilobytes = _read_number(Path("/proc/self/status"), "VmRSS:")
    if kilobytes:
        return 1024 * kilobytes
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if platform.system() == "Darwin" else 1024 * most


def return_memory() -> None:
    """Give memory that nothing holds any more back to the system, where the C library can."""
    import ctypes

    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def list_descendants() -> list[int]:
    """List the child processes of this process and their children; empty if unknown."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name in parentheses may hold anything
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    descendants = list(children.get(os.getpid(), []))
    for number in descendants:
        descendants += children.get(number, [])
    return descendants


def _read_number(path: Path, field: str | None = None) -> int:
    """Return the number in a file, after a field if one is named; 0 if there is none."""
    try:
        return int(path.read_text().split(field)[-1 if field else 0].split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def measure_address_space() -> int | None:
    """Return the bytes of address space that this process may use (`ulimit -v`); None: no limit."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft
