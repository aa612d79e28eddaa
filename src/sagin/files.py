"""Writing files so that nobody ever finds half of one, and the rows of tables."""

import csv
import io
import os
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from sagin.errors import StoreError


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


def format_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV.

    >>> format_csv([["a", "b"], [1, "x, y"]])
    'a,b\\n1,"x, y"\\n'
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
