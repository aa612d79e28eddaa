"""Sections of a relaying scenario: radio, channel knowledge, Algorithm 1, power, energy."""

from typing import Annotated, Literal

from sagin.choices import Options, Span
from sagin.parameters import Parameter, section
from sagin.relaying.nodes import TABLE_I


@section
class Radio:
    """Carrier, band and noise, shared by all links."""

    carrier_ghz: Annotated[
        float,
        Parameter(
            "carrier",
            "GHz",
            "f_c",
            low=0.1,
            high=100,
            mark="open",
            source="sub-6 GHz, S band",
            other="any carrier below 6 GHz",
            prior=Span(1.5, 3.5, "L band to band n78; TR 38.821 S band: 2 GHz"),
        ),
    ] = 2.0
    bandwidth_mhz: Annotated[
        float, Parameter("bandwidth", "MHz", "B", low=0.001, high=10_000, source=TABLE_I)
    ] = 20.0
    band_rule: Annotated[
        Literal["per_user", "shared"],
        Parameter(
            "whether each user has the whole band, or the users of a node take turns",
            source="(18), (27)",
            mark="open",
            other="shared",
            prior=Options(("per_user", "shared")),
        ),
    ] = "per_user"
    noise_dbm_per_hz: Annotated[
        float, Parameter("noise density", "dBm/Hz", "σ²", low=-250, high=0, source=TABLE_I)
    ] = -174.0
    noise_figure_db: Annotated[
        float,
        Parameter(
            "noise figure of users and relays",
            "dB",
            low=0,
            high=40,
            mark="open",
            source="TR 38.821 handheld",
            other="any",
            prior=Span(5.0, 9.0, "TR 38.821: 7 dB; TR 36.814: base station 5, user 9"),
        ),
    ] = 7.0


@section
class Csi:
    """Channel knowledge of all decisions; rates use the true channels."""

    error_variance: Annotated[
        float,
        Parameter(
            "mean square error of estimated channels relative to their mean power; 0: known "
            "exactly",
            symbol="σ_e²",
            low=0,
            high=1,
            off_at_zero=True,
            source="Section II-C: complete CSI",
            mark="ours",
        ),
    ] = 0.0


@section
class Association:
    """Association and Algorithm 1."""

    threshold_db: Annotated[
        float, Parameter("minimum SNR", "dB", "γ_th", low=-30, high=60, source=TABLE_I)
    ] = 3.0
    trigger: Annotated[
        Literal["either", "excess", "density"],
        Parameter(
            "condition for sending relays",
            source="Algorithm 1, lines 2, 3, 5",
            mark="open",
            other="excess alone, density alone",
        ),
    ] = "either"
    density_per_km2: Annotated[
        float,
        Parameter(
            "users per area of a hotspot",
            "1/km²",
            "D_th",
            low=0,
            high=1e7,
            source="ω_j = D_th·π·R_j²",
            mark="open",
            other="any",
        ),
    ] = 3183.0
    excess: Annotated[
        Literal["unserved", "no_room"],
        Parameter(
            "users in excess",
            source="(31e)",
            mark="open",
            other="no_room: only users who reach γ_th at the GBS and find no room",
            prior=Options(("unserved", "no_room")),
        ),
    ] = "unserved"
    gate: Annotated[
        Literal["user", "hotspot", "ignored"],
        Parameter(
            "users who are not relayed: those whose direct link has γ_th (it serves them), or none",
            source="Algorithm 1, line 5",
            mark="open",
            other="hotspot: all or none, depending on whether the hotspot user's direct link has "
            "γ_th; ignored",
            prior=Options(("user", "hotspot", "ignored")),
        ),
    ] = "user"
    placement: Annotated[
        Literal["hotspot", "cluster", "gradient", "exhaustive"],
        Parameter(
            "position of the relays",
            source="Algorithm 1, line 6: hotspot user i*",
            mark="open",
            other="beyond the paper: cluster, gradient, exhaustive",
        ),
    ] = "hotspot"
    grid: Annotated[
        int,
        Parameter(
            "points per side of the exhaustive grid over the cell", low=2, high=401, mark="ours"
        ),
    ] = 41


@section
class Power:
    """Rule for a relay's transmit power."""

    objective: Annotated[
        Literal["capacity", "efficiency"],
        Parameter("objective of the power", source="(31) or (30)", mark="open", other="efficiency"),
    ] = "capacity"
    limit: Annotated[
        Literal["link", "relay"],
        Parameter(
            "links that p_max limits",
            source="(31a)",
            mark="open",
            other="relay: the sum over its links",
        ),
    ] = "link"
    minimum: Annotated[
        Literal["hop", "combined"],
        Parameter(
            "signal that has γ_th at p_min: the relay's hop with its mean loss, or the "
            "combined signal (24)",
            source="line 10, (8)",
            mark="open",
            other="combined",
        ),
    ] = "hop"


@section
class Energy:
    """Further power consumption besides the relay's links."""

    hover_ideal_w: Annotated[
        float,
        Parameter(
            "ideal induced power √(W³/(2ρA)) at sea level",
            "W",
            "p_0",
            low=0,
            high=1e5,
            mark="open",
            source="Zeng 2019: W = 20 N, ρ = 1.225 kg/m³, A = 0.503 m²",
            other="any",
            prior=Span(28.5, 228.0, "Zeng 2019 with W = 10 to 40 N", is_log=True),
        ),
    ] = 80.571
    hover_correction: Annotated[
        float,
        Parameter(
            "induced correction 0.1 and blade profile 79.856 W over p_0",
            symbol="Δ",
            low=-1,
            high=100,
            mark="open",
            source="Zeng 2019",
            other="any",
        ),
    ] = 1.0911
    hover_rate_per_m: Annotated[
        float,
        Parameter(
            "decrease of the air's density with height",
            "1/m",
            "ε",
            low=0,
            high=0.1,
            mark="open",
            source="ISO 2533 at sea level: g/(RT) − L/T",
            other="any",
        ),
    ] = 9.6e-5
    link_hovering: Annotated[
        Literal["excluded", "included"],
        Parameter(
            "whether the account with one link per relay counts hovering",
            source="(11), whose p_0 is not printed",
            mark="open",
            other="included",
        ),
    ] = "excluded"
    site_power_w: Annotated[
        float,
        Parameter(
            "power drawn by the GBS's site",
            "W",
            low=0,
            high=1e6,
            mark="open",
            source="macro site, EARTH D2.3: 0.8 to 1.3 kW",
            other="any",
            prior=Span(800.0, 1300.0, "EARTH D2.3: macro site"),
        ),
    ] = 1000.0
    amplifier_efficiency: Annotated[
        float,
        Parameter(
            "ratio of transmitted to drawn power of relay and satellite",
            low=0.001,
            high=1,
            mark="open",
            source="EARTH D2.3 macro: 0.31",
            other="any",
            prior=Span(0.1, 0.4, "EARTH D2.3: pico to macro"),
        ),
    ] = 0.31
    satellite: Annotated[
        Literal["excluded", "beam", "standing", "bands"],
        Parameter(
            "whether the satellite's transmit power counts",
            source="(30) leaves it out",
            mark="open",
            other="beam: one beam of B while it serves a user; standing: one while it is in view, "
            "for networks that use it; bands: one for each served user's own band",
        ),
    ] = "excluded"
    satellite_gain_dbi: Annotated[
        float,
        Parameter(
            "antenna gain in the satellite's EIRP",
            "dBi",
            low=0,
            high=80,
            mark="open",
            source="TR 38.821 set 1, S band",
            other="any",
            prior=Span(24.0, 38.5, "TR 38.821, LEO: set 2, S band, to set 1, Ka"),
        ),
    ] = 30.0
    station_power_dbm: Annotated[
        float,
        Parameter(
            "transmit power of an aerial base station per user",
            "dBm",
            low=-60,
            high=60,
            mark="open",
            source="like the relay",
            other="any",
        ),
    ] = 29.0
    station_extra_w: Annotated[
        float,
        Parameter(
            "baseband and backhaul of an aerial base station",
            "W",
            low=0,
            high=1e5,
            mark="open",
            source="EARTH D2.3: pico/micro baseband, microwave backhaul",
            other="any",
        ),
    ] = 50.0
