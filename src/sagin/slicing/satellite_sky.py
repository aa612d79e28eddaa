"""Positions of a scenario's satellites, as seen from its area."""

from typing import Annotated

from sagin.parameters import Parameter, section


@section
class SatelliteSky:
    """Range and elevation of each satellite, as seen from the area."""

    ranges_km: Annotated[
        tuple[Annotated[float, Parameter("", low=0, high=1e6)], ...],
        Parameter("distance of each satellite; 0: out of sight", "km", mark="ours"),
    ] = ()
    elevations_deg: Annotated[
        tuple[Annotated[float, Parameter("", low=0, high=90)], ...],
        Parameter("elevation of each satellite", "degrees", mark="ours"),
    ] = ()
