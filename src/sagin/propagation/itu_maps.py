"""Climate of a site from ITU-R's digital maps (extra `sagin[itu]`), and its attenuation.

`itur` (MIT licence, 163 MB to download) carries the maps of P.453, P.836, P.837, P.839, P.840-8,
P.1510 and P.1511; nothing else in sagin needs it. Everything here is scalar numpy at the edge: draw
the climate of a site once, then compute with `p618` and `gases`.
"""

from importlib import import_module
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.propagation.gases import slant_gaseous_attenuation_db
from sagin.propagation.p618 import rain_attenuation_db, scintillation_db, total_attenuation_db
from sagin.types import Array, Float
from sagin.units import Numbers, as_float


class SiteClimate(NamedTuple):
    """Values of ITU-R's maps at a place, each in the unit that ends its name."""

    latitude_deg: float
    longitude_deg: float
    height_km: float
    rain_rate_mm_h: float
    rain_height_km: float
    wet_refractivity: float
    temperature_k: float
    pressure_hpa: float


class SiteAttenuation(NamedTuple):
    """The parts of the attenuation of a path and their total, dB."""

    gas_db: Float[Array, "..."]
    cloud_db: Float[Array, "..."]
    rain_db: Float[Array, "..."]
    scintillation_db: Float[Array, "..."]
    total_db: Float[Array, "..."]


def _model(number: int) -> Any:
    try:
        return import_module(f"itur.models.itu{number}")
    except ImportError as error:
        raise ImportError("ITU-R's maps need the package itur: pip install 'sagin[itu]'") from error


def _number(quantity: Any) -> float:
    return float(getattr(quantity, "value", quantity))


def _check(latitude_deg: float, longitude_deg: float) -> None:
    if not -90.0 <= latitude_deg <= 90.0:
        raise InputError(f"latitude: {latitude_deg} degrees is not between -90 and 90")
    if not -180.0 <= longitude_deg <= 360.0:
        raise InputError(f"longitude: {longitude_deg} degrees is not between -180 and 360")


def rain_rate_mm_h(latitude_deg: float, longitude_deg: float, percent: float = 0.01) -> float:
    """Return the rain rate exceeded for p % of an average year (ITU-R P.837-7), mm/h."""
    _check(latitude_deg, longitude_deg)
    return _number(_model(837).rainfall_rate(latitude_deg, longitude_deg, percent))


def rain_height_km(latitude_deg: float, longitude_deg: float) -> float:
    """Return the mean annual rain height h_R above sea level (ITU-R P.839-4), km."""
    _check(latitude_deg, longitude_deg)
    return _number(_model(839).rain_height(latitude_deg, longitude_deg))


def wet_refractivity(latitude_deg: float, longitude_deg: float, percent: float = 50.0) -> float:
    """Return the wet term N_wet exceeded for p % of the year (ITU-R P.453-13), N-units."""
    _check(latitude_deg, longitude_deg)
    return _number(
        _model(453).map_wet_term_radio_refractivity(latitude_deg, longitude_deg, percent)
    )


def cloud_attenuation_db(
    latitude_deg: float,
    longitude_deg: float,
    frequency_hz: float,
    elevation_deg: float,
    percent: float,
) -> float:
    """Return the cloud attenuation exceeded for p % of the year (ITU-R P.840-8), dB.

    Args:
        latitude_deg: degrees.
        longitude_deg: degrees.
        frequency_hz: f, Hz.
        elevation_deg: θ, 5° to 90°.
        percent: p, %.
    """
    _check(latitude_deg, longitude_deg)
    return _number(
        _model(840).cloud_attenuation(
            latitude_deg, longitude_deg, elevation_deg, frequency_hz / 1e9, percent
        )
    )


def site(latitude_deg: float, longitude_deg: float, height_km: float | None = None) -> SiteClimate:
    """Return the climate of a position; by default its height is that of ITU-R P.1511.

    Rain rate for 0.01 % and median wet refractivity of the year, mean surface temperature (P.1510),
    standard pressure (P.835).
    """
    _check(latitude_deg, longitude_deg)
    height = (
        _number(_model(1511).topographic_altitude(latitude_deg, longitude_deg))
        if height_km is None
        else height_km
    )
    return SiteClimate(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        height_km=height,
        rain_rate_mm_h=rain_rate_mm_h(latitude_deg, longitude_deg),
        rain_height_km=rain_height_km(latitude_deg, longitude_deg),
        wet_refractivity=wet_refractivity(latitude_deg, longitude_deg),
        temperature_k=_number(_model(1510).surface_mean_temperature(latitude_deg, longitude_deg)),
        pressure_hpa=_number(_model(835).standard_pressure(height)),
    )


def site_attenuation(
    site: SiteClimate,
    frequency_hz: float,
    elevation_deg: float,
    percent: float,
    diameter_m: float,
    *,
    efficiency: Numbers = 0.5,
    tilt_deg: Numbers = 45.0,
) -> SiteAttenuation:
    """Return the attenuation exceeded for p % of an average year on a path to a satellite.

    P.618-14, clause 2.5.

    Gases and clouds are taken at max(p, 5 %), as version 14 asks, but from the older P.676-12 and
    P.840-8 with P.836-6, because no package carries the maps of P.2145 and P.840-9. So the total is
    above ITU-R's own validation of version 14: by up to 4 % where rain is most of it, and by 3.6 to
    11.7 % at p = 1 % (London, 13.75 GHz: 0.918 for 0.822 dB). Scintillation is that of max(p,
    0.01 %), below which its model has no range.

    Args:
        site: a `SiteClimate`.
        frequency_hz: f, Hz, up to 55 GHz.
        elevation_deg: θ, 5° to 90°.
        percent: p, 0.001 to 5 %.
        diameter_m: of the antenna, m, and its `efficiency`.
        tilt_deg: polarisation tilt, 45° for circular.

    Returns:
        a `SiteAttenuation`, dB.
    """
    position = (site.latitude_deg, site.longitude_deg)
    usual = max(percent, 5.0)
    content = _number(_model(836).total_water_vapour_content(*position, usual, site.height_km))
    density = _number(_model(836).surface_water_vapour_density(*position, usual, site.height_km))
    surface = (site.pressure_hpa, site.temperature_k, density)
    link = (frequency_hz, elevation_deg)
    gas = slant_gaseous_attenuation_db(
        *link, *surface, vapour_content_kg_m2=content, height_km=site.height_km
    )
    cloud = as_float(cloud_attenuation_db(*position, *link, usual))
    path = (site.rain_rate_mm_h, site.rain_height_km, *link, site.latitude_deg, percent)
    rain = rain_attenuation_db(*path, station_height_km=site.height_km, tilt_deg=tilt_deg)
    scintillation = scintillation_db(
        site.wet_refractivity, *link, max(percent, 0.01), diameter_m, efficiency=efficiency
    )
    return SiteAttenuation(
        gas, cloud, rain, scintillation, total_attenuation_db(gas, cloud, rain, scintillation)
    )
