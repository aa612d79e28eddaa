"""Atomic writing of files, and rows as CSV."""

import csv
import hashlib
import io
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sagin.errors import StoreError
from sagin.inputs import parse_number

LINKLESS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Flags of `open` that follow no symbolic link and do not wait for a pipe."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old file or the new one, never a part.

    This also holds after a loss of power. Temporary files of killed writers of this file are
    removed.

    Raises:
        StoreError: the file cannot be written; the old file is unchanged. The message has one line.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        temporary, file = _open_temporary(path)
        try:
            with file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _refuse(path, error) from None


def _open_temporary(path: Path) -> tuple[Path, IO[bytes]]:
    """Open a temporary file beside the target, locked to show that its writer is alive."""
    while True:
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        file = temporary.open("xb")
        # one who clears up may have come before the lock
        with suppress(FileNotFoundError):
            if _try_lock(file) is not False and os.path.samestat(
                os.fstat(file.fileno()), temporary.stat()
            ):
                return temporary, file
        file.close()


def _remove_leftovers(path: Path) -> None:
    """Remove the temporary files of writers that have died; their files are not locked."""
    start = f".{path.name}."
    with os.scandir(path.parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(start)]
    for name in names:
        if re.fullmatch("[0-9a-f]{32}", name[len(start) :]):
            temporary = path.with_name(name)
            with suppress(OSError), os.fdopen(os.open(temporary, LINKLESS), "rb") as file:
                if _try_lock(file):
                    temporary.unlink()


def _try_lock(file: IO[bytes]) -> bool | None:
    """Lock a file until it is closed; False if another process has it, None if unsupported."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _refuse(path: Path, error: OSError) -> StoreError:
    reason = f"can't be written: {error.strerror}; what was stored before is kept"
    return StoreError(f"{path}: {reason}")


def compute_digest(content: Any) -> str:
    """Return the SHA-256 (hex) of plain data, whatever the order of its keys.

    >>> compute_digest({"a": 1, "b": 2}) == compute_digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Lock:
    """A locked file: the exclusive right to write the data that it stands for.

    The operating system releases the lock when its process ends, also after a kill.
    """

    def __init__(self, path: Path, file: IO[bytes]):
        """Hold a locked file; use `acquire` to lock one."""
        self._path, self._file = path, file

    @classmethod
    def acquire(cls, path: Path) -> "Lock | None":
        """Lock a file; return None if another process holds the lock.

        Raises:
            StoreError: the file cannot be written; the message has one line.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # a link that somebody has put here would have another file emptied
            file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | LINKLESS, 0o666), "wb")
        except OSError as error:
            raise _refuse(path, error) from None
        state = _try_lock(file)
        # without locks two writers may do the same work, with the same result
        locked = state is None
        if state:
            # its holder may have removed it in between, and another one locked its successor
            with suppress(FileNotFoundError):
                locked = os.path.samestat(os.fstat(file.fileno()), path.stat())
        if not locked:
            file.close()
        return cls(path, file) if locked else None

    def release(self) -> None:
        """Release the lock."""
        with suppress(OSError):
            self._path.unlink()
        self._file.close()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Prevent other processes from writing to a folder inside the `with` block.

    Raises:
        StoreError: another process writes to it, or it cannot be written; the message has one line.
    """
    lock = Lock.acquire(folder / ".lock")
    if lock is None:
        raise StoreError(
            f"{folder}: another process writes to it (allowed: after that process has ended)"
        )
    try:
        yield
    finally:
        lock.release()


def _defuse(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell[:1] in tuple("=+-@\t\r")
    is_number = parse_number(cell) is not None or cell in ("-inf", "+inf")
    return f"'{cell}" if is_formula and not is_number else cell


def format_csv(rows: Iterable[Sequence[object]]) -> str:
    r"""Return rows as CSV; a text that a spreadsheet would read as a formula gets a leading '.

    >>> format_csv([["a", "b"], [1, "x, y"]])
    'a,b\n1,"x, y"\n'
    """
    text = io.StringIO()
    safe = ([_defuse(cell) for cell in row] for row in rows)
    csv.writer(text, lineterminator="\n").writerows(safe)
    return text.getvalue()
