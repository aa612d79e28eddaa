"""Atomic writing of files, and rows as CSV."""

import csv
import hashlib
import io
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sagin.errors import StoreError


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old file or the new one, never a part.

    This also holds for a machine that loses power.

    Raises:
        StoreError: it cannot be written, in one line; what was there before is kept.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _refuse(path, error) from None


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
    """A locked file, the sole right to write what it stands for.

    The system unlocks it when its process ends, so that no lock outlives a kill.
    """

    def __init__(self, path: Path, file: IO[bytes]):
        """Hold a file that is locked; see `acquire`."""
        self._path, self._file = path, file

    @classmethod
    def acquire(cls, path: Path) -> "Lock | None":
        """Lock a file, or return None if another process has.

        Raises:
            StoreError: it cannot be written, in one line.
        """
        import fcntl

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("wb")
        except OSError as error:
            raise _refuse(path, error) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # its holder may have removed it in between, and another one locked its successor
            locked = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except (BlockingIOError, FileNotFoundError):
            locked = False
        except OSError:
            # a file system without locks: two writers may do the same work, with the same result
            locked = True
        if not locked:
            file.close()
        return cls(path, file) if locked else None

    def release(self) -> None:
        """Give the right back."""
        with suppress(OSError):
            self._path.unlink()
        self._file.close()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a folder meanwhile.

    Raises:
        StoreError: something writes to it already, or it cannot be written to, in one line.
    """
    lock = Lock.acquire(folder / ".lock")
    if lock is None:
        raise StoreError(f"{folder}: another process writes to it (allowed: once that has ended)")
    try:
        yield
    finally:
        lock.release()


def format_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV.

    >>> format_csv([["a", "b"], [1, "x, y"]])
    'a,b\\n1,"x, y"\\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
