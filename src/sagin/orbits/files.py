"""Files of orbital elements: TLE, and CCSDS OMM as JSON, XML, KVN or CSV, detected by content."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from sagin.errors import ElementsError
from sagin.files import write_atomically
from sagin.inputs import clean_text, describe_message, read_text
from sagin.orbits import omm, omm_output, tle
from sagin.orbits.elements import GRAVITY, ElementSet, Gravity

EXPECTED = "expected a TLE file, or an OMM in JSON, XML, KVN or CSV"


def read_elements(path: Path | str, gravity: Gravity = "wgs72") -> list[ElementSet]:
    """Return the element sets in a file, in its order.

    The file may be compressed by gzip, and its text UTF-8, UTF-16 with a byte-order mark, or
    Latin-1.

    Raises:
        ElementsError: one line names file, line or record, the value, and the expected form.
    """
    return parse_elements(read_text(path, ElementsError), gravity, str(path))


def parse_elements(
    text: str, gravity: Gravity = "wgs72", source: str = "elements"
) -> list[ElementSet]:
    """Return the element sets in a text; `source` is its name in an error.

    An `InputNotice` reports skipped or completed parts.
    """
    text = clean_text(text)
    start = text.lstrip()
    if not start:
        raise ElementsError(f"{source}: empty; {EXPECTED}")
    if "\0" in text:
        place = text.index(chr(0))
        raise ElementsError(f"{source}: character {place} is binary; {EXPECTED}")
    constants = GRAVITY[gravity]
    if start[0] in '[{"':
        is_quoted_table = start[0] == '"' and omm.is_table(start)
        read = omm.from_csv if is_quoted_table else omm.from_json
        elements = read(text, constants, source)
    elif re.match(r"<(\?xml|!|ndm|omm|[A-Za-z])", start):
        elements = omm.from_xml(text, constants, source)
    elif re.match(r"\s*[A-Z_]+\s*=", text) or re.search(
        r"^\s*CCSDS_OMM_VERS\s*=", text, re.MULTILINE
    ):
        elements = omm.from_kvn(text, constants, source)
    elif omm.is_table(start):
        elements = omm.from_csv(text, constants, source)
    else:
        lines = text.split("\n")
        elements = tle.from_lines(lines, constants, source)
        if not elements and any(line.strip() and line[0] != "#" for line in lines):
            raise ElementsError(f"{source}: {describe_message(text)}; {EXPECTED}")
    if not elements:
        raise ElementsError(f"{source}: no element sets in it; expected at least one")
    return elements


def write_tle(elements: Iterable[ElementSet], path: Path | str) -> None:
    """Write element sets as a three-line TLE file.

    Raises:
        ElementsError: an element set does not fit into the format.
    """
    _write(path, tle.to_text(elements))


def write_omm(
    elements: Iterable[ElementSet], path: Path | str, form: Literal["json", "xml", "kvn"] = "json"
) -> None:
    """Write element sets as CCSDS Orbit Mean-Elements Messages (502.0-B).

    JSON has the form of CelesTrak's; XML and KVN are those of the standard.
    """
    writers = {"json": omm_output.to_json, "xml": omm_output.to_xml, "kvn": omm_output.to_kvn}
    _write(path, writers[form](elements))


def _write(path: Path | str, text: str) -> None:
    write_atomically(Path(path), text.encode())
