"""Features as GeoJSON (RFC 7946) and as KML 2.2."""

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from sagin.exports.features import Coordinate, Feature

KML = "http://www.opengis.net/kml/2.2"
COLOURS = {
    "GBS": "ffd08040",
    "BS": "ffd08040",
    "relay": "ff20a0f0",
    "UAV": "ff20a0f0",
    "LEO": "ff00c4ff",
    "users": "802060e0",
    "cell site": "ff808080",
}
"""Colour of each kind as KML writes it: opacity, blue, green, red."""


def format_geojson(features: Sequence[Feature], title: str) -> str:
    """Return features as a GeoJSON collection; coordinates are longitude, latitude, height."""
    rows = [
        {
            "type": "Feature",
            "geometry": {"type": feature.shape, "coordinates": _nest(feature)},
            "properties": {"kind": feature.kind, "name": feature.name, **feature.properties},
        }
        for feature in features
    ]
    content = {"type": "FeatureCollection", "name": title, "features": rows}
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def _nest(feature: Feature) -> Any:
    """Return coordinates as deep as the shape has them."""
    points = [list(point) for point in feature.coordinates]
    return {"Point": points[0], "LineString": points, "Polygon": [points]}[feature.shape]


def format_kml(features: Sequence[Feature], title: str) -> str:
    """Return features as KML, a folder per kind and all properties as extended data."""
    root = ElementTree.Element("kml", xmlns=KML)
    document = ElementTree.SubElement(root, "Document")
    ElementTree.SubElement(document, "name").text = title
    kinds = list(dict.fromkeys(feature.kind for feature in features))
    for number, kind in enumerate(kinds):
        _add_style(document, f"style-{number}", COLOURS.get(kind, "ffa0a0a0"))
    for number, kind in enumerate(kinds):
        folder = ElementTree.SubElement(document, "Folder")
        ElementTree.SubElement(folder, "name").text = kind
        for feature in features:
            if feature.kind == kind:
                _add_placemark(folder, feature, f"#style-{number}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_style(document: ElementTree.Element, name: str, colour: str) -> None:
    style = ElementTree.SubElement(document, "Style", id=name)
    for part in ("IconStyle", "LineStyle", "PolyStyle"):
        ElementTree.SubElement(ElementTree.SubElement(style, part), "color").text = colour


def _add_placemark(folder: ElementTree.Element, feature: Feature, style: str) -> None:
    placemark = ElementTree.SubElement(folder, "Placemark")
    ElementTree.SubElement(placemark, "name").text = feature.name
    ElementTree.SubElement(placemark, "styleUrl").text = style
    data = ElementTree.SubElement(placemark, "ExtendedData")
    for name, value in {"kind": feature.kind, **feature.properties}.items():
        item = ElementTree.SubElement(data, "Data", name=name)
        ElementTree.SubElement(item, "value").text = "" if value is None else str(value)
    shape = ElementTree.SubElement(placemark, feature.shape)
    heights = [height for _, _, height in feature.coordinates]
    # a satellite's height is one over the ellipsoid, and so is a line's that ends there
    mode = "absolute" if max(heights) > 1e5 else "relativeToGround"
    ElementTree.SubElement(shape, "altitudeMode").text = mode
    if feature.shape == "Polygon":
        shape = ElementTree.SubElement(shape, "outerBoundaryIs")
        shape = ElementTree.SubElement(shape, "LinearRing")
    text = " ".join(map(_write_coordinate, feature.coordinates))
    ElementTree.SubElement(shape, "coordinates").text = text


def _write_coordinate(coordinate: Coordinate) -> str:
    return ",".join(f"{value:.10g}" for value in coordinate)
