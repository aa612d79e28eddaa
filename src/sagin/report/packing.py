"""Compressed text in a page, which the page's script decompresses."""

import base64
import gzip


def pack_text(text: str) -> str:
    """Return a text compressed and encoded for a page; the result is reproducible."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode() if text else ""
