"""Satellites over a site as rows, one per visible satellite and step, and as CZML."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sagin.constants import SPEED_OF_LIGHT
from sagin.geometry.geodetic import from_earth_fixed
from sagin.links import Losses, PathGeometry, compute_losses
from sagin.links.models import check_path
from sagin.orbits import SkyTrack, doppler
from sagin.types import Float


class PassRow(NamedTuple):
    """A satellite in view at a step; its fields are the columns of the CSV file."""

    time_utc: str
    satellite: str
    number: int
    elevation_deg: float
    azimuth_deg: float
    slant_range_m: float
    delay_s: float
    """One-way delay, s."""
    range_rate_m_s: float
    """Rate of change of the distance, m/s, positive while the satellite recedes."""
    doppler_hz: float
    path_loss_db: float
    serving: int
    """1 for the serving satellite, otherwise 0."""


def compute_path_loss_db(
    track: SkyTrack, carrier_hz: float, losses: Losses
) -> Float[np.ndarray, "satellites times"]:
    """Compute the loss of each satellite's path by loss models, dB; NaN if it is not in view.

    Raises:
        InputError: a model is not valid at the carrier or an elevation; the message has one line.
    """
    loss = np.full(track.in_view.shape, np.nan)
    if not track.in_view.any():
        return loss
    elevation = np.rad2deg(track.elevation_rad[track.in_view])
    distance, height = (
        track.slant_range_m[track.in_view],
        from_earth_fixed(track.position_m[track.in_view])[2],
    )
    ground = track.site.altitude_m
    for row in (np.argmin(elevation), np.argmax(elevation)):
        path = distance[row], elevation[row], ground, height[row]
        check_path(PathGeometry(carrier_hz, *(float(part) for part in path)), losses)
    terms = compute_losses(PathGeometry(carrier_hz, distance, elevation, ground, height), losses)
    loss[track.in_view] = sum(np.asarray(term.value_db, float) for term in terms)
    return loss


def list_rows(track: SkyTrack, carrier_hz: float, losses: Losses | None = None) -> list[PassRow]:
    """List the satellites in view, by time and then by satellite.

    Args:
        track: the satellites over time.
        carrier_hz: carrier of Doppler shift and loss, Hz.
        losses: models of the path's loss; free space if None.
    """
    loss = compute_path_loss_db(track, carrier_hz, losses or Losses())
    shift = doppler(track.range_rate_m_s, carrier_hz)
    steps, satellites = np.nonzero(track.in_view.T)
    stamps = format_times(track.times)
    return [
        PassRow(
            stamps[step],
            track.elements[row].name,
            track.elements[row].number,
            round(float(np.rad2deg(track.elevation_rad[row, step])), 6),
            round(float(np.rad2deg(track.azimuth_rad[row, step])), 6),
            round(float(track.slant_range_m[row, step]), 3),
            round(float(track.slant_range_m[row, step]) / SPEED_OF_LIGHT, 12),
            round(float(track.range_rate_m_s[row, step]), 6),
            round(float(shift[row, step]), 3),
            round(float(loss[row, step]), 4),
            int(track.serving[step] == row),
        )
        for step, row in zip(steps.tolist(), satellites.tolist(), strict=True)
    ]


def format_times(times: np.ndarray) -> list[str]:
    """Return UTC times as ISO 8601 with milliseconds.

    >>> format_times(np.array(["2024-10-07T12:00"], "datetime64[us]"))
    ['2024-10-07T12:00:00.000Z']
    """
    return [f"{text}Z" for text in np.datetime_as_string(times, unit="ms")]


def make_czml(track: SkyTrack, site_name: str) -> list[dict[str, Any]]:
    """Return a CZML document: the site, the satellites' orbits, and a line to the serving one.

    Positions are Earth-fixed, sampled at the track's times.
    """
    stamps = format_times(track.times)
    whole = f"{stamps[0]}/{stamps[-1]}"
    clock = {"interval": whole, "currentTime": stamps[0], "multiplier": 30}
    position = [track.site.longitude_deg, track.site.latitude_deg, track.site.altitude_m]
    site = {
        "id": "site",
        "name": site_name,
        "position": {"cartographicDegrees": position},
        "point": {"pixelSize": 10, "color": {"rgba": [255, 255, 255, 255]}},
        "label": {
            "text": site_name,
            "font": "13px sans-serif",
            "pixelOffset": {"cartesian2": [0, -18]},
        },
    }
    packets = [
        {
            "id": "document",
            "name": f"satellites over {site_name}",
            "version": "1.0",
            "clock": clock,
        },
        site,
    ]
    seconds = (track.times - track.times[0]) / np.timedelta64(1, "s")
    for row, element in enumerate(track.elements):
        packets.append(_describe_satellite(track, row, seconds, whole, stamps[0]))
        intervals = list(_list_service(track.serving == row, stamps))
        if intervals:
            packets.append(_describe_link(element.number, whole, intervals))
    return packets


def _describe_satellite(
    track: SkyTrack, row: int, seconds: np.ndarray, whole: str, epoch: str
) -> dict[str, Any]:
    """Describe a satellite's motion while its elements are valid."""
    element = track.elements[row]
    samples = np.column_stack([seconds, track.position_m[row]])
    samples = samples[np.isfinite(samples).all(axis=1)]
    return {
        "id": f"satellite-{element.number}",
        "name": element.name,
        "availability": whole,
        "position": {
            "interpolationAlgorithm": "LAGRANGE",
            "interpolationDegree": 5,
            "referenceFrame": "FIXED",
            "epoch": epoch,
            "cartesian": samples.round(2).ravel().tolist(),
        },
        "point": {"pixelSize": 6, "color": {"rgba": [255, 196, 0, 255]}},
        "label": {
            "text": element.name,
            "font": "11px sans-serif",
            "pixelOffset": {"cartesian2": [0, -14]},
        },
    }


def _list_service(is_serving: np.ndarray, stamps: list[str]) -> Iterator[str]:
    """Yield the intervals in which a satellite serves, each up to the step after its last one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_serving, [False]])))
    for first, end in edges.reshape(-1, 2).tolist():
        yield f"{stamps[first]}/{stamps[min(end, len(stamps) - 1)]}"


def _describe_link(number: int, whole: str, intervals: list[str]) -> dict[str, Any]:
    """Describe the line between the site and a satellite, shown while it serves."""
    visible = [{"interval": interval, "boolean": True} for interval in intervals]
    return {
        "id": f"link-{number}",
        "name": "serving",
        "availability": whole,
        "polyline": {
            "show": [{"interval": whole, "boolean": False}, *visible],
            "width": 2,
            "arcType": "NONE",
            "material": {"solidColor": {"color": {"rgba": [0, 220, 120, 255]}}},
            "positions": {"references": ["site#position", f"satellite-{number}#position"]},
        },
    }


def describe_site(track: SkyTrack) -> str:
    """Return a site's position in words, such as 59.91° N, 10.75° E."""
    site = track.site
    north, east = "NS"[site.latitude_deg < 0], "EW"[site.longitude_deg < 0]
    return f"{abs(site.latitude_deg):g}° {north}, {abs(site.longitude_deg):g}° {east}"
