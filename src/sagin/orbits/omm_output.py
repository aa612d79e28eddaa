"""Writing CCSDS Orbit Mean-Elements Messages (502.0-B) in JSON, XML and KVN."""

import json
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from sgp4.exporter import export_omm

from sagin.orbits.elements import ElementSet
from sagin.orbits.omm import TIME

METADATA = (
    "OBJECT_NAME",
    "OBJECT_ID",
    "CENTER_NAME",
    "REF_FRAME",
    "TIME_SYSTEM",
    "MEAN_ELEMENT_THEORY",
)
MEAN_ELEMENTS = (
    "EPOCH",
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
)


def fields_of(element: ElementSet) -> dict[str, Any]:
    """Return the fields of an element set's message, by the names of the standard."""
    satellite = element.satellite
    record = SimpleNamespace(
        **{name: getattr(satellite, name) for name in dir(satellite) if not name.startswith("_")}
    )
    if not element.object_id:
        record.intldesg = (
            "00000"  # the exporter takes the designator apart, and fails where there is none
        )
    ours = {
        "OBJECT_ID": element.object_id,
        "NORAD_CAT_ID": element.number,
        "EPOCH": f"{element.epoch:{TIME}}",
    }
    return {**export_omm(record, element.name), **ours}


def to_json(elements: Iterable[ElementSet]) -> str:
    """Return a JSON list with an object for each element set."""
    return (
        json.dumps([fields_of(element) for element in elements], indent=1, ensure_ascii=False)
        + "\n"
    )


def _header(fields: Mapping[str, Any]) -> dict[str, Any]:
    # the message is dated by its elements, so that the same elements always give the same file
    return {"CREATION_DATE": fields["EPOCH"], "ORIGINATOR": "SAGIN"}


def to_kvn(elements: Iterable[ElementSet]) -> str:
    """Return a message in keyword = value notation for each element set."""
    messages = (fields_of(element) for element in elements)
    return "\n".join(
        "".join(
            f"{key} = {value}\n"
            for key, value in {"CCSDS_OMM_VERS": "3.0", **_header(fields), **fields}.items()
        )
        for fields in messages
    )


def to_xml(elements: Iterable[ElementSet]) -> str:
    """Return one NDM in XML with a message for each element set."""
    root = ElementTree.Element("ndm")
    for element in elements:
        fields = fields_of(element)
        message = ElementTree.SubElement(root, "omm", id="CCSDS_OMM_VERS", version="3.0")
        _fill(ElementTree.SubElement(message, "header"), _header(fields))
        segment = ElementTree.SubElement(ElementTree.SubElement(message, "body"), "segment")
        _fill(
            ElementTree.SubElement(segment, "metadata"), {key: fields.pop(key) for key in METADATA}
        )
        data = ElementTree.SubElement(segment, "data")
        _fill(
            ElementTree.SubElement(data, "meanElements"),
            {key: fields.pop(key) for key in MEAN_ELEMENTS},
        )
        _fill(ElementTree.SubElement(data, "tleParameters"), fields)
    ElementTree.indent(root)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        + ElementTree.tostring(root, encoding="unicode")
        + "\n"
    )


def _fill(parent: ElementTree.Element, fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        ElementTree.SubElement(parent, key).text = str(value)
