"""Files of orbital elements: TLE, and CCSDS OMM as JSON, XML or KVN, recognised by content."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from sagin.errors import ElementsError
from sagin.files import write_atomically
from sagin.orbits import omm, tle
from sagin.orbits.elements import GRAVITY, ElementSet, Gravity


def read_elements(path: Path | str, gravity: Gravity = "wgs72") -> list[ElementSet]:
    """Return the element sets in a file, in its order.

    Raises:
        ElementsError: with one line that names file, line or record, the offending value, and what
            is expected.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ElementsError(f"{path}: can't be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ElementsError(
            f"{path}: byte {error.start} is not UTF-8 text; "
            "expected a TLE file, or an OMM in JSON, XML or KVN"
        ) from None
    return parse_elements(text, gravity, str(path))


def parse_elements(
    text: str, gravity: Gravity = "wgs72", source: str = "elements"
) -> list[ElementSet]:
    """Return the element sets in a text; `source` is what an error calls it."""
    start = text.lstrip()
    if not start:
        raise ElementsError(f"{source}: empty; expected a TLE file, or an OMM in JSON, XML or KVN")
    if "\0" in text:
        raise ElementsError(
            f"{source}: character {text.index(chr(0))} is binary; "
            "expected a TLE file, or an OMM in JSON, XML or KVN"
        )
    if start[0] in "[{":
        elements = omm.from_json(text, GRAVITY[gravity], source)
    elif re.match(r"<(\?xml|!|ndm|omm)", start):
        elements = omm.from_xml(text, GRAVITY[gravity], source)
    elif re.match(r"\s*[A-Z_]+\s*=", text) or re.search(
        r"^\s*CCSDS_OMM_VERS\s*=", text, re.MULTILINE
    ):
        elements = omm.from_kvn(text, GRAVITY[gravity], source)
    else:
        elements = tle.from_lines(text.splitlines(), GRAVITY[gravity], source)
    if not elements:
        raise ElementsError(f"{source}: no element sets in it; expected at least one")
    return elements


def write_tle(elements: Iterable[ElementSet], path: Path | str) -> None:
    """Write element sets as a three-line TLE file.

    Raises:
        ElementsError: if an element set does not fit into the format.
    """
    _write(path, tle.to_text(elements))


def write_omm(
    elements: Iterable[ElementSet], path: Path | str, form: Literal["json", "xml", "kvn"] = "json"
) -> None:
    """Write element sets as CCSDS Orbit Mean-Elements Messages (502.0-B).

    JSON has the form of CelesTrak's; XML and KVN are those of the standard.
    """
    writers = {"json": omm.to_json, "xml": omm.to_xml, "kvn": omm.to_kvn}
    _write(path, writers[form](elements))


def _write(path: Path | str, text: str) -> None:
    write_atomically(Path(path), text.encode())
