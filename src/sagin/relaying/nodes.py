"""The sections of a relaying scenario that describe its nodes and the channel from the relays."""

from typing import Annotated, Literal

from sagin.choices import Options, Span
from sagin.links.settings import Losses
from sagin.parameters import Parameter, section
from sagin.relaying.fading import Fading, FadingName

TABLE_I = "Table I"

MOST_RELAYS = 16
"""Largest number of relays of a scenario."""
MOST_ANTENNAS = 16
"""Largest number of antennas of a user."""
Place = tuple[float, float]


@section
class Users:
    """Users of the cell and their positions."""

    count: Annotated[
        int, Parameter("number of users in the cell, or its mean", low=1, high=5000, source=TABLE_I)
    ] = 200
    process: Annotated[
        Literal["fixed", "poisson"],
        Parameter(
            "distribution of the number of users",
            source="Section II; Table I fixes the number",
            mark="open",
            other="poisson: by Section II",
        ),
    ] = "fixed"
    hotspot_share: Annotated[
        float,
        Parameter(
            "share of users in the temporary hotspot",
            low=0,
            high=1,
            source="Section V only names it",
            mark="open",
            other="0: uniform users only",
            prior=Span(0.0, 1.0, "unknown; TR 36.814 A.2.1.1.2 gathers two thirds"),
        ),
    ] = 0.5
    hotspot_radius_m: Annotated[
        float,
        Parameter(
            "radius of the hotspot",
            "m",
            low=0.1,
            high=5000,
            source="Section V only names it; R_j",
            mark="open",
            other="any",
            prior=Span(40.0, 200.0, "TR 36.814: 40 m; TR 36.872: 70 m; to 2·R_j", is_log=True),
        ),
    ] = 100.0
    hotspot_place: Annotated[
        Literal["inside", "anywhere"],
        Parameter(
            "whether the hotspot's disc lies completely in the cell",
            mark="open",
            other="anywhere: its centre is uniform in the cell",
            prior=Options(("inside", "anywhere")),
        ),
    ] = "inside"
    antennas: Annotated[
        int,
        Parameter(
            "antennas of a user, with independent fading",
            symbol="L",
            low=1,
            high=MOST_ANTENNAS,
            source="Section II only names L",
            mark="open",
            other="any",
        ),
    ] = 1
    antenna_gain_dbi: Annotated[
        float,
        Parameter(
            "antenna gain of a user",
            "dBi",
            low=-20,
            high=50,
            mark="open",
            source="handheld",
            other="any",
            prior=Span(-5.0, 5.0, "TR 38.821 handheld 0 dBi; body, patch"),
        ),
    ] = 0.0


@section
class Base:
    """The ground base station (GBS) at the origin, and further base stations of the same kind."""

    capacity: Annotated[
        int, Parameter("most users at once", symbol="ω_G", low=0, high=5000, source=TABLE_I)
    ] = 100
    admission: Annotated[
        Literal["strongest", "random"],
        Parameter(
            "admitted users if there is no room for all",
            source="(17) leaves it open",
            mark="open",
            other="random",
            prior=Options(("strongest", "random")),
        ),
    ] = "strongest"
    power_dbm: Annotated[
        float,
        Parameter(
            "transmit power",
            "dBm",
            "P_G",
            low=-20,
            high=80,
            mark="open",
            source="3GPP macro cell (TR 36.814)",
            other="any",
            prior=Span(43.0, 49.0, "TR 36.814 A.2.1.1: macro 43, 46, 49 dBm"),
        ),
    ] = 46.0
    power_rule: Annotated[
        Literal["full", "shared"],
        Parameter(
            "whether each user gets the whole power, or 1/ω_G of it",
            source="(16)",
            mark="open",
            other="shared",
            prior=Options(("full", "shared")),
        ),
    ] = "full"
    height_m: Annotated[
        float,
        Parameter(
            "antenna height above the users, part of r_{i,G}",
            "m",
            low=0,
            high=1000,
            mark="open",
            source="TR 38.901 UMa",
            other="0: no limit to the gain at the mast",
            prior=Span(10.0, 35.0, "TR 38.901: UMi 10 m, UMa 25 m, RMa 35 m"),
        ),
    ] = 25.0
    cell_radius_m: Annotated[
        float,
        Parameter(
            "radius of the cell",
            "m",
            above=1,
            high=50_000,
            mark="open",
            source="urban macro",
            other="any",
            prior=Span(250.0, 1000.0, "TR 36.814: sites 500 to 1732 m apart", is_log=True),
        ),
    ] = 500.0
    exponent: Annotated[
        float,
        Parameter(
            "path loss exponent from 1 m on",
            symbol="α",
            low=1,
            high=8,
            source="(15)",
            mark="erratum",
            other="as printed |h|² ~ r^(−2α), no loss at 1 m",
            prior=Span(2.7, 4.0, "Rappaport, urban: 2.7 to 3.5; UMa NLOS: 3.9"),
        ),
    ] = 3.5
    fading: Annotated[
        FadingName | Fading | None,
        Parameter("fading to users; without a value Rayleigh, as in the paper", mark="ours"),
    ] = None
    losses: Annotated[
        Losses | None,
        Parameter("loss models of the links to users; without them (15)", mark="ours"),
    ] = None
    positions_m: Annotated[
        tuple[Place, ...],
        Parameter(
            "further base stations like the GBS, east and north of it; all send in the same "
            "band, and each user belongs to the station that it receives best without fading",
            "m",
            mark="ours",
            quiet=True,
        ),
    ] = ()


@section
class Relays:
    """The UAV relays (UAVr)."""

    count: Annotated[
        int,
        Parameter("most relays to send", symbol="U_j", low=0, high=MOST_RELAYS, source=TABLE_I),
    ] = 1
    capacity: Annotated[
        int, Parameter("most users at once", symbol="ω_j", low=0, high=5000, source=TABLE_I)
    ] = 100
    altitude_m: Annotated[
        float, Parameter("altitude", "m", "h_j", low=0.1, high=20_000, source=TABLE_I)
    ] = 30.0
    radius_m: Annotated[
        float, Parameter("coverage radius", "m", "R_j", low=0.1, high=50_000, source=TABLE_I)
    ] = 100.0
    power_dbm: Annotated[
        float,
        Parameter("largest transmit power", "dBm", "p_max", low=-60, high=60, source=TABLE_I),
    ] = 29.0
    path_loss_limit_db: Annotated[
        float,
        Parameter("largest path loss served", "dB", "PL_max", low=0, high=300, source=TABLE_I),
    ] = 119.0
    antenna_gain_dbi: Annotated[
        float,
        Parameter(
            "antenna gain of a relay",
            "dBi",
            low=-20,
            high=50,
            mark="open",
            source="handheld",
            other="any",
            prior=Span(0.0, 16.2, "handheld to 0.4 m in S band, TR 36.763 set 3"),
        ),
    ] = 0.0


@section
class Air:
    """The air-to-ground channel from relay to user, (4) to (7)."""

    a: Annotated[
        float, Parameter("environment", symbol="a", low=0.001, high=100, source=TABLE_I)
    ] = 9.61
    b: Annotated[
        float, Parameter("environment", "1/degree", "b", low=0.001, high=10, source=TABLE_I)
    ] = 0.16
    excess_los_db: Annotated[
        float,
        Parameter("excess loss in line of sight", "dB", "η_LoS", low=0, high=100, source=TABLE_I),
    ] = 1.0
    excess_nlos_db: Annotated[
        float,
        Parameter(
            "excess loss without line of sight", "dB", "η_NLoS", low=0, high=100, source=TABLE_I
        ),
    ] = 20.0
    repeated_exponent: Annotated[
        float,
        Parameter(
            "exponent of a further factor (4πf_c·d/c)^−α, which (6) adds to (7)",
            symbol="α^(3)",
            low=0,
            high=8,
            source="(6)",
            mark="erratum",
            other="2: as printed, −43 dB at the edge",
        ),
    ] = 0.0
    fading: Annotated[
        FadingName | Fading | None,
        Parameter("fading to users; without a value Rayleigh, as in the paper", mark="ours"),
    ] = None
    losses: Annotated[
        Losses | None,
        Parameter("loss models of the links to users; without them (4) to (7)", mark="ours"),
    ] = None


@section
class ServingSatellite:
    """The LEO satellite's link and, without a real orbit, its circular orbit."""

    source: Annotated[
        Literal["circular", "walker", "elements"],
        Parameter(
            "source of the satellite's position: overhead pass (12), generated "
            "constellation, or element file",
            source="not in the paper",
            mark="ours",
        ),
    ] = "circular"
    altitude_km: Annotated[
        float,
        Parameter("altitude of circular orbits", "km", "h_s", low=160, high=36_000, source=TABLE_I),
    ] = 1000.0
    least_elevation_deg: Annotated[
        float,
        Parameter(
            "minimum elevation of a visible satellite",
            "degrees",
            low=0,
            high=89,
            mark="open",
            source="d_SR of (12)",
            other="any",
            prior=Span(5.0, 40.0, "TR 38.821: 10; filed systems: 25 to 40"),
        ),
    ] = 10.0
    time: Annotated[
        Literal["visible", "zenith", "any"],
        Parameter(
            "time of a drop on a circular orbit",
            mark="open",
            source="(12)",
            other="zenith: overhead; any: also while below the horizon",
            prior=Options(("visible", "zenith", "any")),
        ),
    ] = "visible"
    eirp_dbw_per_mhz: Annotated[
        float,
        Parameter(
            "EIRP density",
            "dBW/MHz",
            "P_s",
            low=-50,
            high=100,
            mark="open",
            source="TR 38.821 set 1, S band: 34 at 600 km, 40 at 1200 km",
            other="any",
            prior=Span(28.0, 40.0, "TR 38.821: set 2, 600 km, to set 1, 1200 km"),
        ),
    ] = 38.4
    masking_db: Annotated[
        float,
        Parameter(
            "loss between satellite and users, not relays, in addition to fading",
            "dB",
            low=0,
            high=100,
            mark="open",
            source="Section I: users are masked",
            other="any",
            prior=Span(0.0, 20.0, "TR 38.811 6.6.2-1: clutter, S band, suburban"),
        ),
    ] = 0.0
    exponent: Annotated[
        float,
        Parameter(
            "path loss exponent from 1 m on",
            symbol="α_exp",
            low=1,
            high=4,
            source="(13), (14): no loss at 1 m",
            mark="erratum",
            other="2 is free space",
        ),
    ] = 2.0
    fading_user: Annotated[
        FadingName | Fading,
        Parameter(
            "shadowed-Rician set (Abdi 2003), satellite to user",
            source="users are masked",
            mark="open",
            other="average, light, rayleigh",
            prior=Options(("heavy", "average", "light"), "Abdi 2003, table III"),
        ),
    ] = "heavy"
    fading_relay: Annotated[
        FadingName | Fading,
        Parameter(
            "shadowed-Rician set (Abdi 2003), satellite to relay",
            source="relays are not masked",
            mark="open",
            other="average, heavy, rayleigh",
            prior=Options(("heavy", "average", "light"), "Abdi 2003, table III"),
        ),
    ] = "light"
    losses: Annotated[
        Losses | None,
        Parameter(
            "loss models of the links to users and relays; without them a power law", mark="ours"
        ),
    ] = None
