"""Antenna patterns as rows of a table: the gain of an antenna towards a direction."""

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import jax.numpy as jnp

from sagin.parameters import Parameter, section
from sagin.propagation import aperture
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, to_db

PatternName = Literal["isotropic", "sector", "parabolic", "table"]


@section
class Antenna:
    """An antenna and the direction of the link's other end, as seen from its boresight."""

    pattern: Annotated[PatternName, Parameter("antenna pattern", mark="ours")] = "isotropic"
    gain_dbi: Annotated[
        float | None,
        Parameter(
            "largest gain; without a value 0 dBi (isotropic), 8 dBi (sector), or the aperture's",
            "dBi",
            low=-40.0,
            high=80.0,
            mark="ours",
        ),
    ] = None
    azimuth_deg: Annotated[
        float,
        Parameter("horizontal angle off boresight", "degrees", low=-180.0, high=180.0, mark="ours"),
    ] = 0.0
    tilt_deg: Annotated[
        float,
        Parameter("vertical angle off boresight", "degrees", low=-90.0, high=90.0, mark="ours"),
    ] = 0.0
    beamwidth_deg: Annotated[
        float,
        Parameter(
            "half-power beamwidth of a sector, in both planes",
            "degrees",
            low=0.01,
            high=360.0,
            source="TR 38.901 Table 7.3-1",
            mark="ours",
        ),
    ] = 65.0
    front_to_back_db: Annotated[
        float,
        Parameter(
            "largest attenuation of a sector",
            "dB",
            low=0.0,
            high=60.0,
            source="TR 38.901 Table 7.3-1",
            mark="ours",
        ),
    ] = 30.0
    diameter_m: Annotated[
        float, Parameter("diameter of a parabolic antenna", "m", low=0.001, high=100.0, mark="ours")
    ] = 0.5
    efficiency: Annotated[
        float,
        Parameter("aperture efficiency of the parabolic antenna", low=0.001, high=1.0, mark="ours"),
    ] = 1.0
    angles_deg: Annotated[
        tuple[float, ...],
        Parameter("angles off boresight of a table, ascending", "degrees", mark="ours"),
    ] = ()
    gains_dbi: Annotated[
        tuple[float, ...], Parameter("gains of a table at these angles", "dBi", mark="ours")
    ] = ()


class AntennaPattern(NamedTuple):
    """A row of the table of antenna patterns."""

    text: str
    source: str
    compute: Callable[[Antenna, Numbers], Float[Array, "..."]]
    """Function from the antenna and the carrier, Hz, to the gain, dBi."""
    fields: frozenset[str]
    """Names of the antenna's fields that the pattern reads, besides the direction."""


def _off_boresight(antenna: Antenna) -> Float[Array, "..."]:
    """Return the angle between boresight and direction, rad."""
    side, up = (jnp.deg2rad(as_float(x)) for x in (antenna.azimuth_deg, antenna.tilt_deg))
    # the form by arctan keeps digits near boresight, where arccos has none
    across = jnp.hypot(jnp.cos(up) * jnp.sin(side), jnp.sin(up))
    return jnp.arctan2(across, jnp.cos(up) * jnp.cos(side))


def _isotropic(antenna: Antenna, _: Numbers) -> Float[Array, "..."]:
    return as_float(0.0 if antenna.gain_dbi is None else antenna.gain_dbi)


def _sector(antenna: Antenna, _: Numbers) -> Float[Array, "..."]:
    most = as_float(antenna.front_to_back_db)
    width = as_float(antenna.beamwidth_deg)
    across, along = (
        jnp.minimum(12.0 * (as_float(angle) / width) ** 2, most)
        for angle in (antenna.azimuth_deg, antenna.tilt_deg)
    )
    peak = 8.0 if antenna.gain_dbi is None else antenna.gain_dbi
    return as_float(peak) - jnp.minimum(across + along, most)


def _parabolic(antenna: Antenna, frequency_hz: Numbers) -> Float[Array, "..."]:
    angle = _off_boresight(antenna)
    shape = to_db(aperture.relative_gain(angle, antenna.diameter_m, frequency_hz))
    peak = antenna.gain_dbi
    if peak is None:
        peak = to_db(aperture.aperture_gain(antenna.diameter_m, frequency_hz, antenna.efficiency))
    # the aperture radiates forwards alone
    return jnp.where(angle <= 0.5 * jnp.pi, as_float(peak) + shape, -jnp.inf)


def _table(antenna: Antenna, _: Numbers) -> Float[Array, "..."]:
    angle = jnp.rad2deg(_off_boresight(antenna))
    return jnp.interp(angle, as_float(antenna.angles_deg), as_float(antenna.gains_dbi))


PATTERNS: Mapping[str, AntennaPattern] = MappingProxyType(
    {
        "isotropic": AntennaPattern(
            "equal gain in every direction", "definition", _isotropic, frozenset({"gain_dbi"})
        ),
        "sector": AntennaPattern(
            "3GPP's antenna element of a sector",
            "3GPP TR 38.901 Table 7.3-1",
            _sector,
            frozenset({"gain_dbi", "beamwidth_deg", "front_to_back_db"}),
        ),
        "parabolic": AntennaPattern(
            "uniformly lit circular aperture, Bessel pattern",
            "3GPP TR 38.811 clause 6.4.1",
            _parabolic,
            frozenset({"gain_dbi", "diameter_m", "efficiency"}),
        ),
        "table": AntennaPattern(
            "your own table of gains, interpolated over angles",
            "the scenario",
            _table,
            frozenset({"angles_deg", "gains_dbi"}),
        ),
    }
)
"""Antenna patterns by name."""


def compute_gain_dbi(antenna: Antenna, frequency_hz: Numbers) -> Float[Array, "..."]:
    """Compute the gain of an antenna towards the other end of its link, dBi.

    Args:
        antenna: its pattern and the direction.
        frequency_hz: f, Hz.

    >>> round(float(compute_gain_dbi(Antenna(pattern="sector", azimuth_deg=32.5), 2e9)), 2)
    5.0
    """
    return PATTERNS[antenna.pattern].compute(antenna, frequency_hz)


def turn_antenna(antenna: Antenna, **angles: Numbers) -> Antenna:
    """Return an antenna with other angles off boresight, which may be arrays or traced.

    The constructor of `Antenna` accepts only plain numbers.
    """
    turned = copy.copy(antenna)
    for name, angle in angles.items():
        object.__setattr__(turned, name, angle)
    return turned


def list_antenna_rules(antenna: Antenna, prefix: str) -> list[tuple[str, Any, str, bool]]:
    """List the rules of an antenna's fields: fields that its pattern does not read are not set."""
    plain, pattern = Antenna(), PATTERNS[antenna.pattern]
    optional = frozenset().union(*(row.fields for row in PATTERNS.values()))
    readers = {
        name: ", ".join(key for key, row in PATTERNS.items() if name in row.fields)
        for name in optional
    }
    rules = [
        (
            f"{prefix}.{name}",
            getattr(antenna, name),
            f"as {prefix}.pattern = {readers[name]}, not {antenna.pattern}",
            name not in pattern.fields and getattr(antenna, name) != getattr(plain, name),
        )
        for name in sorted(optional)
    ]
    angles = antenna.angles_deg
    is_rising = len(angles) > 0 and sorted(set(angles)) == list(angles)
    is_table = antenna.pattern == "table"
    gains = antenna.gains_dbi
    return [
        *rules,
        (f"{prefix}.angles_deg", angles, "ascending angles", is_table and not is_rising),
        (
            f"{prefix}.gains_dbi",
            gains,
            f"{len(angles)} gains, as many as angles",
            is_table and len(gains) != len(angles),
        ),
    ]
