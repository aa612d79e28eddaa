"""`sagin doctor`: check whether this machine meets sagin's requirements, and advise."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from sagin.cli.common import AsJson, print_json, print_table

GIB = 2**30
MIN_DISK_BYTES = GIB
"""Free disk space below which a standard study may not fit."""
PYTHONS = (3, 11), (3, 14)
SINGLE_THREAD = "xla_cpu_multi_thread_eigen=false"
BUSY = 0.8
"""Number of running programs per core from which this machine counts as busy."""

Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder whose free disk space is checked.")
]


class Finding(NamedTuple):
    """Result of one check."""

    subject: str
    state: Literal["ok", "note", "fails"]
    """`fails` if sagin cannot work; `note` if something is missing or slow."""
    value: str
    advice: str = ""


def doctor(*, out: Out = Path("out"), as_json: AsJson = False) -> None:
    """Check versions, devices, threads, memory, disk and the cache of compiled programs.

    The exit status is 1 if sagin cannot work. The last column says what is slow
    on this machine, why, and what you can do.
    """
    findings = [
        check_sagin(),
        check_python(),
        *check_packages(),
        check_processor(),
        check_threads(),
        check_load(),
        check_memory(),
        check_devices(),
        check_floats(),
        check_cache(),
        check_disk(out),
    ]
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        print_table("sagin doctor", Finding._fields, findings, numbers=False)
    if any(finding.state == "fails" for finding in findings):
        raise typer.Exit(1)


def check_sagin() -> Finding:
    """Return the version of sagin and its location."""
    from importlib.metadata import version

    import sagin

    return Finding("sagin", "ok", f"{version('sagin')} in {Path(sagin.__file__).parent}")


def check_python() -> Finding:
    """Check the version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    low, high = (".".join(map(str, limit)) for limit in PYTHONS)
    if PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        return Finding("python", "ok", version)
    return Finding("python", "fails", version, f"install sagin with Python {low} to {high}")


def check_packages() -> Iterator[Finding]:
    """Check that the required packages and jaxlib are installed in allowed versions.

    One finding per extra lists its optional packages.
    """
    from importlib.metadata import requires

    extras: dict[str, list[str]] = {}
    for requirement in [*(requires("sagin") or ()), "jaxlib"]:
        text, _, marker = requirement.partition(";")
        finding = check_package(text.strip())
        if not marker:
            yield finding
        else:
            extra = marker.partition("==")[2].strip(" '\"")
            extras.setdefault(extra, []).append(f"{finding.subject} {finding.value}")
    for extra, values in extras.items():
        lacks = any(value.endswith("not installed") for value in values)
        advice = f"pip install 'sagin[{extra}]' to use this extra" if lacks else ""
        yield Finding(f"extra {extra}", "ok", ", ".join(values), advice)


def check_package(requirement: str) -> Finding:
    """Check one package, given by its name and version limits, such as `jax<0.13,>=0.10`."""
    from importlib.metadata import PackageNotFoundError, version

    start = min((requirement.find(sign) for sign in "<>=!~[" if sign in requirement), default=None)
    name, limits = requirement[:start], requirement[start or len(requirement) :]
    try:
        present = version(name)
    except PackageNotFoundError:
        return Finding(name, "fails", "not installed", f"pip install '{requirement}'")
    for limit in filter(None, limits.split(",")):
        too_low = limit.startswith(">=") and read_version(present) < read_version(limit)
        too_high = limit.startswith("<") and read_version(present) >= read_version(limit)
        if too_low or too_high:
            return Finding(name, "fails", present, f"pip install '{requirement}'")
    return Finding(name, "ok", present)


def read_version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version.

    >>> read_version(">=0.12.0.1rc1")
    (0, 12, 0, 1)
    """
    import re

    return tuple(map(int, re.findall(r"\d+(?:\.\d+)*", text)[0].split(".")))


def check_processor() -> Finding:
    """Check the processor and how many of its cores this process may use."""
    import platform

    from sagin.machine import count_cores, read_cpu_flags, read_cpu_model

    flags = read_cpu_flags().split()
    value = f"{read_cpu_model() or platform.machine()}, {count_cores()} cores"
    if platform.machine() == "x86_64" and flags and "avx" not in flags:
        return Finding("processor", "fails", value, "jaxlib needs AVX: use another machine")
    return Finding("processor", "ok", value)


def check_threads() -> Finding:
    """Check that a program may use all cores of this process."""
    from sagin.machine import count_cores

    cores, flags = count_cores(), os.environ.get("XLA_FLAGS", "")
    if SINGLE_THREAD in flags:
        advice = "unset XLA_FLAGS to let one program use all cores"
        return Finding("threads", "note", f"1 of {cores}, set by XLA_FLAGS", advice)
    return Finding("threads", "ok", f"{cores} per program; workers of a study divide them")


def check_load() -> Finding:
    """Check whether other programs use the cores at present."""
    from sagin.machine import count_cores

    cores = count_cores()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    value = f"{busy:.1f} programs run or wait on {cores} cores"
    if busy < BUSY * cores:
        return Finding("load", "ok", value)
    advice = f"everything takes about {1 + busy / cores:.0f} times as long until these programs end"
    return Finding("load", "note", value, advice)


def check_memory() -> Finding:
    """Check that memory suffices for one worker per core."""
    from sagin.machine import count_cores, measure_memory
    from sagin.pool import MAX_WORKERS, WORKER_BYTES, fit_workers

    memory, cores = measure_memory(), min(count_cores(), MAX_WORKERS)
    value = f"{memory / GIB:.1f} GiB free" if memory else "unknown"
    if fit_workers() >= cores:
        return Finding("memory", "ok", value)
    advice = (
        f"{cores} workers may need {cores * WORKER_BYTES / GIB:.0f} GiB: the default is fewer "
        "workers"
    )
    return Finding("memory", "note", value, advice)


def check_devices() -> Finding:
    """Check which devices JAX will use, without loading it."""
    from sagin.pool import is_installed, list_devices

    if devices := list_devices():
        return Finding("devices", "ok", f"GPU {', '.join(devices)}")
    plugins = ("jax_cuda12_plugin", "jax_cuda13_plugin")
    if next(Path("/dev").glob("nvidia[0-9]*"), None) and not any(map(is_installed, plugins)):
        return Finding("devices", "note", "CPU", "pip install 'jax[cuda13]' to use the GPU")
    return Finding("devices", "ok", "CPU")


def check_floats() -> Finding:
    """Check the float width, on which results depend."""
    if os.environ.get("JAX_ENABLE_X64", "").lower() in ("1", "true", "yes", "on", "t", "y"):
        advice = "unset JAX_ENABLE_X64 to get the stored results' numbers"
        return Finding("floats", "note", "64 bits", advice)
    return Finding("floats", "ok", "32 bits")


def check_cache() -> Finding:
    """Check the folder of compiled programs: location, size, limit, and write access."""
    from sagin.compile_cache import LIMIT_BYTES, SETTING, find_root, list_entries

    if own := os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return Finding("cache", "ok", f"{own}, set by JAX_COMPILATION_CACHE_DIR")
    root = find_root()
    if root is None:
        return Finding(
            "cache",
            "note",
            "off",
            f"unset {SETTING}: without the cache every run compiles all of its programs",
        )
    sizes = [entry.size for entry in list_entries(root)]
    value = (
        f"{root}: {len(sizes)} programs, {sum(sizes) / 2**20:.0f} of {LIMIT_BYTES / 2**20:.0f} MiB"
    )
    if is_writable(root):
        advice = "" if sizes else "the first run of each command compiles for 5 to 30 s"
        return Finding("cache", "ok", value, advice)
    advice = (
        f"make it writable, or set {SETTING} to another folder: without the cache every run "
        "compiles"
    )
    return Finding("cache", "note", value, advice)


def check_disk(folder: Path) -> Finding:
    """Check that the disk of a folder has space for results, and that the folder is writable."""
    import shutil

    nearest = find_nearest(folder)
    free = shutil.disk_usage(nearest).free
    value = f"{folder}: {free / GIB:.1f} GiB free"
    if not is_writable(folder):
        return Finding("disk", "fails", value, f"make {nearest} writable, or choose another --out")
    if free < MIN_DISK_BYTES:
        return Finding("disk", "note", value, "free some space, or choose another --out")
    return Finding("disk", "ok", value)


def find_nearest(folder: Path) -> Path:
    """Return a folder, or its nearest existing parent."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def is_writable(folder: Path) -> bool:
    """Return whether a folder, created if it is missing, is writable."""
    nearest = find_nearest(folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def register(app: typer.Typer) -> None:
    """Add the command `doctor`."""
    app.command()(doctor)
