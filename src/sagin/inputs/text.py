"""The reader of text files: regular files of bounded size, in common encodings."""

import codecs
import gzip
import hashlib
import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sagin.errors import InputError, SaginError
from sagin.inputs.excerpts import quote

LARGEST_TEXT = 64 * 2**20
"""Largest size of a file that is read as a whole, decompressed, bytes."""

LARGEST_TABLE = 8 * 2**30
"""Largest size of a table that is read row by row, decompressed, bytes."""

GZIP = b"\x1f\x8b"

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks; those of UTF-32 come first, because they begin like those of UTF-16."""

_PAGE = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.{0,2000}?-->\s*)*<(!doctype\s+html|html|head|body|title|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAGS = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>")


def read_bytes(
    path: Path | str,
    error: type[SaginError] = InputError,
    limit: int = LARGEST_TEXT,
    *,
    packed: bool = True,
) -> bytes:
    """Read a whole file, which may be compressed by gzip.

    Args:
        path: a regular file.
        error: class of the raised error.
        limit: largest number of bytes.
        packed: whether it may be compressed; its content may be a thousand times as large.

    Raises:
        SaginError: the file cannot be read, or is larger; the message has one line.
    """
    try:
        with open_regular(path, limit, error) as file:
            if isinstance(file, gzip.GzipFile) and not packed:
                raise error(f"{path}: packed by gzip (allowed: unpacked)")
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as failure:
        raise error(f"{path}: cannot be read: {_explain(failure)}") from None
    if len(data) > limit:
        raise error(f"{path}: larger than {limit >> 20} MB (allowed: smaller files)")
    return data


def read_parts(
    path: Path | str, error: type[SaginError] = InputError, limit: int = LARGEST_TABLE
) -> Iterator[bytes]:
    """Yield the bytes of a file, which may be compressed by gzip, a megabyte at a time.

    Raises:
        SaginError: the file cannot be read, or is larger; the message has one line.
    """
    length = 0
    try:
        with open_regular(path, limit, error) as file:
            while part := file.read(2**20):
                length += len(part)
                if length > limit:
                    raise error(f"{path}: larger than {limit >> 20} MB (allowed: smaller files)")
                yield part
    except (OSError, EOFError, zlib.error) as failure:
        raise error(f"{path}: cannot be read: {_explain(failure)}") from None


def hash_file(path: Path | str, error: type[SaginError] = InputError) -> str:
    """Return the SHA-256 (hex) of a file of up to 8 GB, decompressed; results store it.

    Raises:
        SaginError: the file cannot be read; the message has one line.
    """
    digest = hashlib.sha256()
    for part in read_parts(path, error):
        digest.update(part)
    return digest.hexdigest()


def read_text(path: Path | str, error: type[SaginError] = InputError) -> str:
    r"""Read a text file, which may be compressed by gzip, and return it with \n as line ends.

    The encoding is that of a byte-order mark (UTF-8, UTF-16, UTF-32), otherwise UTF-8, otherwise
    Latin-1. A final Ctrl-Z is dropped.

    Args:
        path: a regular file of at most 64 MB.
        error: class of the raised error.

    Raises:
        InputError: the file cannot be read, or is no text, or a web page; the message has one line.
    """
    text = _decode(read_bytes(path, error, LARGEST_TEXT), path, error)
    if "\0" in text:
        raise error(f"{path}: character {text.index(chr(0))} is binary; expected text")
    refuse_page(text, str(path), error)
    return clean_text(text)


def read_json(path: Path | str, error: type[SaginError] = InputError) -> Any:
    """Read a JSON file as plain data.

    Raises:
        SaginError: the file cannot be read, or is not JSON; the message has one line.
    """
    text = read_text(path, error)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise error(f"{path}: damaged: not JSON") from None


def clean_text(text: str) -> str:
    """Return a text with \n as line ends, without a byte order mark and a closing Ctrl-Z."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a\n")


def open_regular(path: Path | str, limit: int, error: type[SaginError]) -> IO[bytes]:
    """Open a regular file for reading, decompressed if it is compressed by gzip.

    Streams and devices are refused, because they may never end.
    """
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
            file = open(path, "rb")  # noqa: SIM115 - the caller closes it
            if file.read(len(GZIP)) == GZIP:
                file.close()
                return gzip.open(path)  # type: ignore[return-value]
            file.seek(0)
            return file
    except OSError as failure:
        raise error(f"{path}: cannot be read: {_explain(failure)}") from None
    except ValueError:  # a zero byte or half a surrogate pair
        raise error(f"{quote(str(path))}: not the name of a file") from None
    if stat.S_ISREG(status.st_mode):
        raise error(f"{path}: larger than {limit >> 20} MB (allowed: smaller files)")
    kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a stream or device"
    raise error(f"{path}: cannot be read: it is {kind} (allowed: a regular file)")


def find_encoding(data: bytes) -> tuple[str, int]:
    """Return the encoding and length of a file's byte-order mark; UTF-8 and 0 without one."""
    return next(((name, len(mark)) for mark, name in MARKS if data.startswith(mark)), ("utf-8", 0))


def _decode(data: bytes, path: Path | str, error: type[SaginError]) -> str:
    encoding, size = find_encoding(data)
    try:
        return data[size:].decode(encoding)
    except UnicodeDecodeError:
        if size:
            raise error(
                f"{path}: cannot be read: not {encoding.upper()} text, as its first bytes say"
            ) from None
    return data.decode("latin-1")


def _explain(failure: BaseException) -> str:
    return getattr(failure, "strerror", None) or "packed by gzip, and damaged"


def refuse_page(text: str, source: str, error: type[SaginError]) -> None:
    """Refuse a web page instead of data."""
    if _PAGE.match(text[:10_000]):
        raise error(f"{source}: {describe_message(text)}")


def describe_message(text: str) -> str:
    """Describe a text that is a message instead of data, with its first words.

    >>> describe_message("<html><title>403</title><body>Forbidden</body></html>")
    "no data but a message: '403 Forbidden'"
    """
    words = " ".join(_TAGS.sub(" ", text[:10_000]).split())
    return f"no data but a message: {quote(words or text.strip()[:1000])}"
