"""Writing files so that nobody ever finds half of one, locks of folders, and rows of tables."""

import csv
import io
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sagin.errors import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a machine that loses power, finds the old one or the new
    one, never a part.

    Raises StoreError with one line if it can't be written; what was there before is kept.
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
        raise StoreError(
            f"{path}: can't be written: {error.strerror}; what was stored before is kept"
        ) from None


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to a folder meanwhile.

    The system frees the lock of a process that has died. Without `fcntl` (Windows) nothing is
    locked.

    Raises:
        StoreError: with one line, if something writes to the folder, or it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("ab")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written to: {error.strerror}") from None
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise StoreError(
                    f"{folder}: another process writes to it (allowed: try again when that has"
                    " ended)"
                ) from None
        yield


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV.

    >>> csv_text([["a", "b"], [1, "x, y"]])
    'a,b\\n1,"x, y"\\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
