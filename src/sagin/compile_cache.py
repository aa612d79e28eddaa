"""Cache of compiled programs on disk, in the user's cache folder.

JAX identifies a program by its computation, flags and device. The folder's name adds versions and
processor, so several machines may share a home folder. An entry is complete or absent, even if
several processes write at once, and a damaged entry is compiled again. Nothing in this module loads
JAX.
"""

import hashlib
import os
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.machine import (
    measure_address_space,
    measure_resident,
    read_cpu_flags,
    read_cpu_model,
    return_memory,
)

SETTING = "SAGIN_CACHE"
"""Environment variable: another cache folder, or off."""
LIMIT_BYTES = 2**30
"""Limit of the total size; beyond it, the programs unused for longest are removed."""
LEAST_ADDRESSES = 2**31
"""Bytes of address space that JAX needs to compile and run a command."""
DAY_S = 86_400.0
"""Resolution of the stored time of last use, one day."""
HOOKED = "jax._src.compilation_cache"
"""Module whose `get_file_cache` opens the cache."""


class KeptProgram(NamedTuple):
    """A cached program as a file."""

    path: Path
    size: int
    used_s: float
    """Time of last use, in whole days."""


def find_root() -> Path | None:
    """Return the folder of all cached programs; None if the cache is off."""
    setting = os.environ.get(SETTING, "")
    if setting.lower() == "off":
        return None
    if setting:
        return Path(setting).expanduser() / "programs"
    try:
        home = Path.home()
    except RuntimeError:  # a user whom the system does not know
        return None
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        # a relative path there is to be ignored, says its specification
        base = base if base.is_absolute() else home / ".cache"
    return base / "sagin" / "programs"


def name_platform() -> str:
    """Return a folder name that identifies versions and processor."""
    from importlib.metadata import version

    processor = f"{read_cpu_model()} {read_cpu_flags()}"
    python = ".".join(map(str, sys.version_info[:2]))
    digest = hashlib.sha256(processor.encode()).hexdigest()[:8]
    return f"python{python}-jax{version('jax')}-jaxlib{version('jaxlib')}-cpu{digest}"


def list_entries(root: Path) -> Iterator[KeptProgram]:
    """Yield the cached programs of all versions and processors."""
    for folder in root.glob("*/"):
        for item in os.scandir(folder):
            # another process may remove it meanwhile
            with suppress(OSError):
                state = item.stat()
                yield KeptProgram(Path(item.path), state.st_size, state.st_mtime)


def remove_oldest(root: Path, limit_bytes: int) -> None:
    """Remove the programs unused for longest until the others fit into a limit."""
    entries = sorted(list_entries(root), key=lambda entry: entry.used_s)
    excess = sum(entry.size for entry in entries) - limit_bytes
    for entry in entries:
        if excess <= 0:
            return
        with suppress(OSError):
            entry.path.unlink()
        excess -= entry.size


class ProgramCache:
    """Cache of programs by key, for JAX; each entry is a file with a checksum and JAX's bytes."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES):
        """Open a folder, and create it if it is missing; without write access it is only read."""
        self._path, self._limit_bytes = folder, limit_bytes
        self._unchecked_bytes = 0
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_oldest(folder.parent, limit_bytes)

    def get(self, key: str) -> bytes | None:
        """Return a program; None if it is absent or damaged."""
        path = self._path / key
        try:
            content, used_s = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return None
        if time.time() - used_s > DAY_S:
            # refused where the folder is only read
            with suppress(OSError):
                os.utime(path)
        checksum, value = content[:4], content[4:]
        return value if checksum == compute_checksum(value) else None

    def put(self, key: str, value: bytes) -> None:
        """Store a program under its key; do nothing without write access."""
        path = self._path / key
        part = path.with_name(f".{os.getpid()}-{threading.get_ident()}")
        try:
            part.write_bytes(compute_checksum(value) + value)
            os.replace(part, path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            return
        self._unchecked_bytes += len(value)
        if self._unchecked_bytes > self._limit_bytes / 10:
            self._unchecked_bytes = 0
            remove_oldest(self._path.parent, self._limit_bytes)


def compute_checksum(value: bytes) -> bytes:
    """Return four bytes that reveal a damaged file."""
    return zlib.crc32(value).to_bytes(4, "big")


class _Hook(MetaPathFinder):
    """Import hook that opens the cache when JAX is loaded."""

    def find_spec(
        self,
        fullname: str,
        path: Any,  # noqa: ARG002 - part of the interface
        target: Any = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Prepare JAX's cache module as soon as it is loaded."""
        if fullname != HOOKED:
            return None
        check_address_space()
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_connect(module: ModuleType) -> None:
            load(module)
            connect(module)

        spec.loader.exec_module = load_and_connect
        return spec


def check_address_space() -> None:
    """Refuse a process whose address space is too small; XLA would abort it without a message.

    Raises:
        InputError: it is too small; the message has one line.
    """
    limit = measure_address_space()
    if limit is not None and limit < LEAST_ADDRESSES:
        least, size = LEAST_ADDRESSES >> 20, limit >> 20
        raise InputError(
            f"ulimit -v: {size} MB of addresses are too few for JAX (allowed: at least {least} MB)"
        )


def connect(module: Any) -> None:
    """Connect JAX to this cache, unless JAX's own settings name a folder."""
    root, settings = find_root(), module.config
    if root is None or settings.compilation_cache_dir.value is not None:
        return
    folder = root / name_platform()
    open_other = module.get_file_cache

    def open_cache(path: str) -> Any:
        # a program may turn to a folder of its own later
        return (ProgramCache(folder), path) if path == str(folder) else open_other(path)

    module.get_file_cache = open_cache
    for name, value in {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": 0,
    }.items():
        settings.config.update(name, value)


def keep_programs() -> None:
    """Cache the programs that JAX compiles in this process from now on, and use cached ones.

    Commands and workers call this function; a script may call it too. It does not load JAX.
    """
    if HOOKED in sys.modules:
        connect(sys.modules[HOOKED])
    elif not any(isinstance(finder, _Hook) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Hook())


class ProgramLimit:
    """How far a process may grow before it forgets its compiled programs.

    Each new size of a scenario is a program of its own, about 25 MB, that JAX never forgets. So a
    sweep over many sizes is bounded; a size that comes again is compiled, or read from disk, again.
    """

    def __init__(self, growth_bytes: int):
        """Allow a growth from the first check on, and from each clearing on."""
        self._growth_bytes, self._least_bytes = growth_bytes, 0

    def check(self) -> bool:
        """Forget all programs if the process has grown too far, and return whether it did.

        Not while JAX traces a function, which needs what is traced already.
        """
        jax, size = sys.modules.get("jax"), measure_resident()
        if jax is None or not size:
            return False
        self._least_bytes = self._least_bytes or size
        if size - self._least_bytes <= self._growth_bytes:
            return False
        if isinstance(jax.numpy.zeros(()), jax.core.Tracer):
            return False
        jax.clear_caches()
        return_memory()
        self._least_bytes = measure_resident()
        return True


PROGRAM_LIMIT = ProgramLimit(2**29)
"""The limit of this process."""
