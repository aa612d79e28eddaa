"""The sections of a slicing scenario: every number and every open choice.

Each has its unit, range, source and mark.
"""

from typing import Annotated, Literal

from sagin.choices import Options, Span
from sagin.links.row import LinkRow
from sagin.parameters import Parameter, section
from sagin.places.density import Spots
from sagin.slicing.balancing import Rule
from sagin.slicing.fading import LinkFading, StationFadingName, UavFadingName
from sagin.slicing.mobility import MobilityModel, MobilityName
from sagin.slicing.satellite_sky import SatelliteSky
from sagin.slicing.shadowing import Shadowing

SETUP = "Section VI"
MOST_USERS = 1000
"""Largest number of users per slice, because users are compared in pairs; more need the sparse
form.
"""

Place = tuple[float, float]


@section
class Area:
    """Area in which users are placed."""

    side_m: Annotated[
        float, Parameter("side of the square", "m", low=1, high=1e6, source=SETUP)
    ] = 3000.0
    spots: Annotated[
        Spots | None,
        Parameter(
            "discs of users, rows of x, y, weight and radius; none: users are uniform in the area",
            "m",
            mark="ours",
        ),
    ] = None


@section
class Users:
    """Largest number of users of each slice; a run may have fewer."""

    high_throughput: Annotated[
        int, Parameter("users of slice H", symbol="K_H", low=0, high=MOST_USERS, source=SETUP)
    ] = 10
    low_delay: Annotated[
        int, Parameter("users of slice L", symbol="K_L", low=0, high=MOST_USERS, source=SETUP)
    ] = 10
    wide_coverage: Annotated[
        int, Parameter("users of slice C", symbol="K_C", low=0, high=MOST_USERS, source=SETUP)
    ] = 10


@section
class BaseStations:
    """The terrestrial layer's nodes, on the ground."""

    positions_m: Annotated[tuple[Place, ...], Parameter("positions", "m", source=SETUP)] = (
        (1000.0, 1000.0),
        (2000.0, 2000.0),
    )
    power_dbw: Annotated[
        float, Parameter("total power", "dBW", "P_B", low=-60, high=60, source=SETUP)
    ] = 10.0
    capacity: Annotated[
        float,
        Parameter(
            "most users",
            symbol="C_th",
            low=0,
            high=1e6,
            source="stated for Figs. 8, 9",
            mark="open",
            other="for these figures alone",
            prior=Span(5.0, 20.0, "10 for Figs. 8 and 9; half and twice as many elsewhere"),
        ),
    ] = 10.0
    exponent: Annotated[
        float, Parameter("path loss exponent", symbol="α", low=0, high=8, source=SETUP)
    ] = 1.5
    reference_gain_db: Annotated[
        float, Parameter("gain at 1 m: (1) prints none", "dB", low=-200, high=0, source="(1)")
    ] = 0.0
    fading: Annotated[
        StationFadingName | LinkFading | None,
        Parameter("fading to users; without a value Rayleigh, as in the paper", mark="ours"),
    ] = None
    link: Annotated[
        LinkRow | None,
        Parameter("link model to users; without one (1)", mark="ours"),
    ] = None
    azimuths_deg: Annotated[
        tuple[float, ...],
        Parameter("boresights, clockwise from north", "degrees", mark="ours", quiet=True),
    ] = ()
    shadowing: Annotated[Shadowing | None, Parameter("shadowing over the area", mark="ours")] = None


@section
class Uavs:
    """The non-terrestrial layer's UAVs."""

    count: Annotated[int, Parameter("UAVs", symbol="V", low=0, high=64, source=SETUP)] = 2
    placement: Annotated[
        Literal["decided", "fixed"],
        Parameter(
            "whether UAV positions are decisions or fixed", source="benchmark 5 has fixed UAVs"
        ),
    ] = "decided"
    positions_m: Annotated[tuple[Place, ...], Parameter("fixed positions", "m", source=SETUP)] = (
        (1000.0, 2000.0),
        (2000.0, 1000.0),
    )
    altitude_m: Annotated[float, Parameter("altitude", "m", low=0, high=50_000, source=SETUP)] = (
        100.0
    )
    power_dbw: Annotated[
        float, Parameter("total power", "dBW", "P_V", low=-60, high=60, source=SETUP)
    ] = 20.0
    spacing_m: Annotated[
        float,
        Parameter("minimum distance of two UAVs (C6)", "m", "d_min", low=0, high=1e6, source=SETUP),
    ] = 100.0
    reference_gain_db: Annotated[
        float, Parameter("gain at 1 m", "dB", "h_0", low=-200, high=0, source=SETUP)
    ] = -30.0
    exponent: Annotated[
        float, Parameter("path loss exponent", symbol="α", low=0, high=8, source=SETUP)
    ] = 1.5
    rician_factor: Annotated[
        float,
        Parameter(
            "Rician factor",
            symbol="R",
            low=0,
            high=1e6,
            source=SETUP,
            mark="open",
            other="6 dB, a ratio of 3.98",
            prior=Span(3.98, 6.0, "6 dB, and 6 as a ratio"),
        ),
    ] = 6.0
    fading: Annotated[
        UavFadingName | LinkFading | None,
        Parameter("fading to users; without a value Rician, as in the paper", mark="ours"),
    ] = None
    link: Annotated[
        LinkRow | None,
        Parameter("link model to users; without one (4)", mark="ours"),
    ] = None
    capacity: Annotated[
        float | None,
        Parameter("most users; none: no limit", low=0, high=1e6, source="none printed"),
    ] = None
    speed_m_s: Annotated[
        float | None,
        Parameter(
            "largest speed between slots; none: positions may jump",
            "m/s",
            low=0,
            high=1e6,
            source="none printed",
        ),
    ] = None


@section
class Satellites:
    """The non-terrestrial layer's LEO satellites, at the same distance from every user (8)."""

    count: Annotated[int, Parameter("satellites", symbol="O", low=0, high=64, source=SETUP)] = 1
    altitude_km: Annotated[
        float,
        Parameter("altitude, the distance to every user", "km", low=1, high=50_000, source="(8)"),
    ] = 200.0
    power_dbw: Annotated[
        float, Parameter("total power", "dBW", "P_O", low=-60, high=80, source=SETUP)
    ] = 30.0
    exponent: Annotated[
        float, Parameter("path loss exponent", symbol="α", low=0, high=8, source=SETUP)
    ] = 1.5
    carrier_ghz: Annotated[
        float,
        Parameter(
            "carrier",
            "GHz",
            "f_c",
            low=0.001,
            high=300,
            source="(8)",
            mark="open",
            other="20 in Ka band: the SINR is 20 dB less",
            prior=Span(1.5, 30.0, "TR 38.821: S band to Ka band", is_log=True),
        ),
    ] = 2.0
    capacity: Annotated[
        float | None,
        Parameter("most users; none: no limit", low=0, high=1e6, source="none printed"),
    ] = None
    sky: Annotated[
        SatelliteSky | None,
        Parameter(
            "range and elevation of each satellite; without it the distance is the altitude (8)",
            mark="ours",
        ),
    ] = None
    link: Annotated[
        LinkRow | None,
        Parameter("link model to users; without one (8)", mark="ours"),
    ] = None
    reuse: Annotated[
        Literal[1, 3, 4],
        Parameter(
            "frequency reuse: a beam has 1/reuse of the band, and every reuse-th beam has "
            "the same part",
            source="TR 38.821 clause 6.1.1: 1, 3; 4 colours by 2 bands and polarisations",
            mark="ours",
            quiet=True,
        ),
    ] = 1


@section
class Radio:
    """The band of each node type, and noise."""

    bandwidth_mhz: Annotated[
        float, Parameter("band of each node type", "MHz", "B", low=0.001, high=1e5, source=SETUP)
    ] = 30.0
    subcarriers: Annotated[
        int, Parameter("subcarriers in the band", symbol="N", low=1, high=4096, source=SETUP)
    ] = 10
    noise_dbm_per_hz: Annotated[
        float, Parameter("noise density", "dBm/Hz", "N_0", low=-250, high=0, source=SETUP)
    ] = -130.0
    interference: Annotated[
        Literal["same-type", "other-nodes", "none"],
        Parameter(
            "interfering users on a subcarrier: all others served by nodes of the same type, "
            "only those of other nodes of the type (a node's own users are orthogonal), or "
            "none",
            symbol="I",
            source="(2), (6), (9) use it, no equation defines it",
            mark="open",
            other="other-nodes; none",
            prior=Options(("same-type", "other-nodes", "none")),
        ),
    ] = "same-type"


@section
class Traffic:
    """Arrivals of slice L."""

    packets_per_slot: Annotated[
        float,
        Parameter(
            "mean number of packets that arrive in a slot",
            symbol="λ",
            low=0,
            high=1e6,
            source="λ = 50 kbit per slot",
            mark="open",
            other="1 packet of 50 kbit",
        ),
    ] = 50.0
    packet_bits: Annotated[
        float,
        Parameter(
            "size of a packet",
            "bit",
            low=1,
            high=1e9,
            source="(21)",
            mark="open",
            other="1 bit as printed, 50 kbit: all bits of a slot",
            prior=Span(
                250.0,
                50_000.0,
                "from all bits of a slot to packets too small to wait; with the same number "
                "of bits per slot",
                is_log=True,
            ),
        ),
    ] = 1000.0
    slot_s: Annotated[float, Parameter("slot", "s", "δ", low=1e-6, high=3600, source=SETUP)] = 0.1
    most_packets: Annotated[
        int,
        Parameter(
            "length of the table from which arrivals are drawn", low=1, high=10_000_000, mark="ours"
        ),
    ] = 128
    queue: Annotated[
        Literal["stationary", "carried"],
        Parameter(
            "waiting packets of slice L: the mean of a stable queue (21), or also the "
            "packets that overloaded slots left",
            mark="ours",
            quiet=True,
        ),
    ] = "stationary"


@section
class Balancing:
    """Rule for a node with more users than its capacity."""

    rule: Annotated[
        Rule,
        Parameter(
            "disconnected users: slice C first, then L, then H (Algorithm 1, line 9), random "
            "users, none, or all users of the node",
            source="benchmark 1: 'all connecting users are randomly disconnected'",
            mark="open",
            other="benchmark 1 as uniform, or taken literally as uniform-all",
        ),
    ] = "priority"


@section
class Objectives:
    """Objectives of the slices, and the rewards made of them."""

    coverage_threshold_db: Annotated[
        float,
        Parameter(
            "SINR above which a user is covered",
            "dB",
            "γ_th",
            low=-100,
            high=100,
            source="(25)",
            mark="open",
            other="any",
            prior=Span(-7.0, 20.0, "SINR of the least and the greatest CQI of LTE, TS 36.213"),
        ),
    ] = 0.0
    delay_limit_s: Annotated[
        float,
        Parameter(
            "cap of the delay, also for unserved users; the rewards' offset",
            "s",
            "β",
            low=1e-6,
            high=3600,
            source="(42), (46): 0.1",
            mark="open",
            other="no cap: an unserved user's delay has no bound",
            prior=Span(0.1, 10.0, "(42): 0.1; 100 slots, practically no cap", is_log=True),
        ),
    ] = 0.1
    throughput_reference_mbps: Annotated[
        float,
        Parameter(
            "throughput that gives reward 1",
            "Mbit/s",
            low=0.001,
            high=1e9,
            source="'0–1 normalised'",
            mark="open",
            other="any; running bounds",
        ),
    ] = 500.0
    reward: Annotated[
        Literal["layer", "all-users"],
        Parameter(
            "users over whom a layer's reward averages: its own users, or all of the slice "
            "(a user whom it does not serve counts as unserved)",
            source="(28) to (35)",
            mark="open",
            other="all-users: both layers' rewards add up to the slice's",
        ),
    ] = "layer"


@section
class Mobility:
    """Movement of users between slots."""

    speed_m_s: Annotated[
        float,
        Parameter(
            "speed of users, in a new direction each slot",
            "m/s",
            low=0,
            high=1e5,
            source="'users move'",
            mark="open",
            other="any",
        ),
    ] = 1.5
    model: Annotated[
        MobilityName | MobilityModel | None,
        Parameter("mobility of users; without a value random directions", mark="ours"),
    ] = None
