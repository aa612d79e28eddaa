"""Text that a page holds compressed and its script unpacks."""

import base64
import gzip


def pack_text(text: str) -> str:
    """Return a text compressed, in letters that stand in a page; always the same for the same."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode() if text else ""
