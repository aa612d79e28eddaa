"""Settings of the loss models of a link, one section per model."""

from dataclasses import field
from typing import Annotated, Literal

from sagin.parameters import Parameter, section


def _share(text: str) -> Parameter:
    return Parameter(text, "%", low=0.1, high=99.9, mark="ours")


@section
class LogDistance:
    """Power law of the distance with log-normal shadowing."""

    exponent: Annotated[
        float, Parameter("path-loss exponent", symbol="n", low=1.0, high=8.0, mark="ours")
    ] = 3.0
    reference_distance_m: Annotated[
        float,
        Parameter(
            "distance up to which the loss is that of free space",
            "m",
            symbol="d_0",
            low=0.1,
            high=1000.0,
            mark="ours",
        ),
    ] = 1.0
    shadowing_std_db: Annotated[
        float,
        Parameter("standard deviation of shadowing", "dB", low=0.0, high=20.0, mark="ours"),
    ] = 8.0
    coverage_percent: Annotated[
        float,
        _share("share of places in which the shadowing is at most the margin; 50 is no margin"),
    ] = 50.0


@section
class AirToGround:
    """Al-Hourani's mean loss of a low-altitude platform."""

    environment: Annotated[
        Literal["suburban", "urban", "dense_urban", "highrise"],
        Parameter("environment of the S-curve", mark="ours"),
    ] = "urban"


@section
class NonTerrestrial:
    """Large-scale loss of 3GPP TR 38.811, clause 6.6."""

    environment: Annotated[
        Literal["dense_urban", "urban", "suburban_rural"],
        Parameter("environment of Tables 6.6.1-1 and 6.6.2-1 to -3", mark="ours"),
    ] = "urban"
    sight: Annotated[
        Literal["line_of_sight", "obstructed", "mean"],
        Parameter(
            "state of the path; mean weights the clutter loss by its probability", mark="ours"
        ),
    ] = "mean"
    coverage_percent: Annotated[
        float,
        _share(
            "share of places in which the shadowing is at most the margin; 50 with sight = mean"
        ),
    ] = 50.0


@section
class StudyBudget:
    """Losses of the link budgets of 3GPP TR 38.821, clause 6.1.3."""

    shadow_margin_db: Annotated[
        float | None,
        Parameter(
            "margin for shadowing; without a value 3 dB below 13 GHz, 0 dB from there on",
            "dB",
            low=0.0,
            high=50.0,
            source="TR 38.821 clause 6.1.3.2",
            mark="ours",
        ),
    ] = None


@section
class Gases:
    """State of the air at the lower end, for oxygen and water vapour."""

    pressure_hpa: Annotated[
        float, Parameter("dry-air pressure", "hPa", low=300.0, high=1100.0, mark="ours")
    ] = 1013.25
    temperature_k: Annotated[
        float, Parameter("temperature", "K", low=200.0, high=330.0, mark="ours")
    ] = 288.15
    vapour_density_g_m3: Annotated[
        float, Parameter("water-vapour density", "g/m³", low=0.0, high=60.0, mark="ours")
    ] = 7.5


@section
class Rain:
    """Rain on an Earth-space path, exceeded for 100 − availability percent of an average year."""

    availability_percent: Annotated[
        float,
        Parameter(
            "share of the year in which the rain attenuation is not exceeded",
            "%",
            low=95.0,
            high=99.999,
            source="ITU-R P.618-14 clause 2.2.1.1: 0.001 to 5 %",
            mark="ours",
        ),
    ] = 99.9
    rate_mm_h: Annotated[
        float | None,
        Parameter(
            "rain rate exceeded for 0.01 % of the year; without a value that of ITU-R P.837",
            "mm/h",
            low=0.0,
            high=250.0,
            mark="ours",
        ),
    ] = None
    height_km: Annotated[
        float | None,
        Parameter(
            "rain height above sea level; without a value that of ITU-R P.839",
            "km",
            low=0.0,
            high=10.0,
            mark="ours",
        ),
    ] = None
    latitude_deg: Annotated[
        float,
        Parameter("latitude of the lower end", "degrees", low=-90.0, high=90.0, mark="ours"),
    ] = 45.0
    longitude_deg: Annotated[
        float | None,
        Parameter(
            "longitude of the lower end, for ITU-R's maps",
            "degrees",
            low=-180.0,
            high=360.0,
            mark="ours",
        ),
    ] = None
    tilt_deg: Annotated[
        float,
        Parameter(
            "polarisation: 0 horizontal, 90 vertical, 45 circular",
            "degrees",
            low=0.0,
            high=90.0,
            mark="ours",
        ),
    ] = 45.0


ModelName = Literal[
    "free-space", "log-distance", "air-to-ground", "ntn", "ntn-budget", "gases", "rain"
]


@section
class Losses:
    """Loss models of a link, with their settings."""

    models: Annotated[
        tuple[ModelName, ...],
        Parameter("loss models whose terms add up; no two for the same effect", mark="ours"),
    ] = ("free-space",)
    log_distance: LogDistance = field(default_factory=LogDistance)
    air_to_ground: AirToGround = field(default_factory=AirToGround)
    ntn: NonTerrestrial = field(default_factory=NonTerrestrial)
    ntn_budget: StudyBudget = field(default_factory=StudyBudget)
    gases: Gases = field(default_factory=Gases)
    rain: Rain = field(default_factory=Rain)
