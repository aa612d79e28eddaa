"""A slicing scenario: its sections, checks across fields, sizes, and the built-in scenarios."""

import math
from collections.abc import Sequence
from dataclasses import field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from sagin.choices import number_field
from sagin.errors import InputError
from sagin.flight import RotaryWing
from sagin.parameters import (
    Rule,
    check_rules,
    read_built_in,
    section,
    vary_fields,
)
from sagin.places.settings import CityOrbit, Costs, Density, Location, SiteChoice
from sagin.slicing.game_section import Game
from sagin.slicing.options import ChannelKnowledge, Schedule
from sagin.slicing.sections import (
    Area,
    Balancing,
    BaseStations,
    Mobility,
    Objectives,
    Place,
    Radio,
    Satellites,
    Traffic,
    Uavs,
    Users,
)
from sagin.slicing.town import TOWN


@section
class Scenario:
    """Everything that a slicing run depends on, besides the random key and the actions."""

    area: Area = field(default_factory=Area)
    users: Users = field(default_factory=Users)
    base_stations: BaseStations = field(default_factory=BaseStations)
    uavs: Uavs = field(default_factory=Uavs)
    satellites: Satellites = field(default_factory=Satellites)
    radio: Radio = field(default_factory=Radio)
    traffic: Traffic = field(default_factory=Traffic)
    balancing: Balancing = field(default_factory=Balancing)
    objectives: Objectives = field(default_factory=Objectives)
    mobility: Mobility = field(default_factory=Mobility)
    game: Game = field(default_factory=Game)
    schedule: Schedule = field(default_factory=Schedule)
    csi: ChannelKnowledge = field(default_factory=ChannelKnowledge)
    flight: RotaryWing = field(default_factory=RotaryWing)
    location: Location | None = None
    sites: SiteChoice | None = None
    density: Density | None = None
    orbit: CityOrbit | None = None
    costs: Costs | None = None


SLICES = "HLC"
"""The slices' letters, in the order of users."""


class Sizes(NamedTuple):
    """The static numbers of a scenario, by the paper's letters."""

    K: int
    """Number of users of all slices, with padding."""
    M: int
    """Number of base stations."""
    V: int
    """Number of UAVs."""
    O: int  # noqa: E741
    """Number of satellites."""
    N: int
    """Number of subcarriers."""


SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "paper": ("Section VI: 30 users, two base stations, two UAVs, one satellite", {}),
    "paper-fixed-uavs": (
        "the paper's, UAVs at fixed positions (benchmark 5)",
        {"uavs": {"placement": "fixed"}},
    ),
    "uniform": (
        "the paper's, the excess drawn from all users alike (benchmark 1)",
        {"balancing": {"rule": "uniform"}},
    ),
    "unbalanced": (
        "the paper's, without load balancing (benchmark 2)",
        {"balancing": {"rule": "none"}},
    ),
    "small": (
        "six users, one base station, one UAV, one satellite, three subcarriers",
        {
            "area": {"side_m": 1000.0},
            "users": {"high_throughput": 2, "low_delay": 2, "wide_coverage": 2},
            "base_stations": {"positions_m": [[500.0, 500.0]], "capacity": 2},
            "uavs": {"count": 1, "positions_m": [[250.0, 250.0]]},
            "radio": {"subcarriers": 3},
        },
    ),
    "town": (
        "an invented town of eight cells: 300 users at its peak, a Walker constellation",
        TOWN,
    ),
}
"""Built-in scenarios: name, description, and the fields in which it differs from the defaults."""


def build_scenario(name: str, overrides: tuple[str, ...] = ()) -> Scenario:
    """Return a built-in scenario after `section.field=value` overrides, checked.

    >>> sizes(build_scenario("small"))
    Sizes(K=6, M=1, V=1, O=1, N=3)
    """
    return check_scenario(read_built_in(Scenario, SCENARIOS, name, overrides), f"scenario {name}")


def sizes(scenario: Scenario) -> Sizes:
    """Return K, M, V, O and N."""
    users = sum(slice_sizes(scenario))
    return Sizes(
        users,
        len(scenario.base_stations.positions_m),
        scenario.uavs.count,
        scenario.satellites.count,
        scenario.radio.subcarriers,
    )


def slice_sizes(scenario: Scenario) -> tuple[int, int, int]:
    """Return the numbers of users of slices H, L and C, including padding."""
    return scenario.users.high_throughput, scenario.users.low_delay, scenario.users.wide_coverage


def resize_slices(scenario: Scenario, rows: Sequence[int]) -> Scenario:
    """Return the scenario with other numbers of users in slices H, L and C.

    >>> slice_sizes(resize_slices(build_scenario("small"), (3, 2, 4)))
    (3, 2, 4)
    """
    names = (entry.name for entry in fields(Users))
    return vary_fields(
        scenario,
        [f"users.{name}={count}" for name, count in zip(names, rows, strict=True)],
        check_scenario,
    )


def number_choices(scenario: Scenario, *names: str) -> Scenario:
    """Return the scenario with choices as numbers, so that all their options share a program.

    `names` are among `balancing.rule`, `uavs.placement` and `game.collision`. UAVs' placement sets
    the shape of a learned action, so it stays a name in a game. Only compiled code accepts such a
    scenario.
    """
    for name in names:
        part, field_name = name.split(".")
        scenario = replace(scenario, **{part: number_field(getattr(scenario, part), field_name)})
    return scenario


def slice_of(scenario: Scenario) -> np.ndarray:
    """Return each user's slice, 0 H, 1 L, 2 C; users are ordered by slice.

    >>> slice_of(build_scenario("small")).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    return np.repeat(np.arange(3), slice_sizes(scenario))


def check_scenario(scenario: Scenario, source: str = "scenario") -> Scenario:
    """Return the scenario if its fields agree with each other; otherwise raise ScenarioError.

    The error's one line names field, value and the allowed values. A location is converted to the
    other fields.
    """
    from sagin.slicing.city import list_place_rules, place_scenario

    check_rules(scenario, list_place_rules(scenario), source)
    if scenario.location is not None and not scenario.location.placed:
        return check_scenario(place_scenario(scenario), source)
    return check_rules(scenario, _rules(scenario), source)


def check_reuse(scenario: Scenario, what: str) -> None:
    """Raise InputError if `what` does not support the reuse factor of satellites' beams."""
    reuse = scenario.satellites.reuse
    if reuse != 1:
        raise InputError(f"{what}: satellites.reuse = {reuse} is not allowed (allowed: 1)")


def check_interference(scenario: Scenario, what: str) -> None:
    """Raise InputError if `what` does not support the scenario's interference."""
    check_reuse(scenario, what)
    rule = scenario.radio.interference
    if rule != "same-type":
        raise InputError(f"{what}: radio.interference = {rule} is not allowed (allowed: same-type)")


def check_single_slot(scenario: Scenario, what: str) -> None:
    """Raise InputError if the scenario exceeds `what`: one slot by itself, of known channels."""
    check_interference(scenario, what)
    schedules = [
        (f"schedule.{entry.name}", getattr(scenario.schedule, entry.name), None)
        for entry in fields(Users)
    ]
    for name, value, plain in (
        ("csi.error_variance", scenario.csi.error_variance, 0),
        ("traffic.queue", scenario.traffic.queue, "stationary"),
        ("area.spots", scenario.area.spots, None),
        ("satellites.sky", scenario.satellites.sky, None),
        ("base_stations.shadowing", scenario.base_stations.shadowing, None),
        *(
            (f"{name}.link", getattr(scenario, name).link, None)
            for name in ("base_stations", "uavs", "satellites")
        ),
        *schedules,
    ):
        if value != plain:
            allowed = "no value" if plain is None else plain
            raise InputError(f"{what}: {name} = {value} is not allowed (allowed: {allowed})")


def _rules(scenario: Scenario) -> list[Rule]:
    places, side = scenario.base_stations.positions_m, scenario.area.side_m
    inside = f"0 to area.side_m = {side:g} m"
    traffic, mean = scenario.traffic, scenario.traffic.packets_per_slot
    longest = mean + 8.0 * math.sqrt(mean) + 12.0
    table = f"at least {math.ceil(longest)} for packets_per_slot = {mean:g}"
    rows, least = max(slice_sizes(scenario)), scenario.game.least_users
    too_many = least is not None and least > rows
    return [
        ("base_stations.positions_m", places, inside, not _inside(places, side)),
        *_uav_rules(scenario.uavs, side, inside),
        ("game.least_users", least, f"at most the largest slice's {rows} users", too_many),
        *_schedule_rules(scenario),
        ("traffic.most_packets", traffic.most_packets, table, traffic.most_packets < longest),
    ]


def _schedule_rules(scenario: Scenario) -> list[Rule]:
    """Return the rules that no slice has more present users than users."""
    rules: list[Rule] = []
    for entry in fields(Users):
        rows, numbers = getattr(scenario.users, entry.name), getattr(scenario.schedule, entry.name)
        allowed = f"at most users.{entry.name} = {rows} in each step"
        rules.append((f"schedule.{entry.name}", numbers, allowed, max(numbers or (0,)) > rows))
    return rules


def _uav_rules(uavs: Uavs, side: float, inside: str) -> list[Rule]:
    """Return the rules of UAV positions, in an area of `side` metres."""
    fixed, places = uavs.placement == "fixed", uavs.positions_m
    columns = math.isqrt(max(uavs.count - 1, 0)) + 1
    widest = f"{side / max(columns - 1, 1):g} m for {uavs.count} UAVs"
    widest = f"at most area.side_m/{columns - 1} = {widest}"
    number = f"as many as uavs.count = {uavs.count}, as placement = fixed"
    spacing = f"uavs.spacing_m = {uavs.spacing_m:g} m apart or more"
    too_near = fixed and _nearest(places[: uavs.count]) < uavs.spacing_m
    too_wide = (columns - 1) * uavs.spacing_m > side
    return [
        ("uavs.positions_m", places, inside, fixed and not _inside(places, side)),
        ("uavs.positions_m", places, number, fixed and len(places) != uavs.count),
        ("uavs.positions_m", places, spacing, too_near),
        ("uavs.spacing_m", uavs.spacing_m, widest, too_wide),
    ]


def _inside(places: tuple[Place, ...], side: float) -> bool:
    return all(0.0 <= number <= side for point in places for number in point)


def _nearest(places: tuple[Place, ...]) -> float:
    return min(
        (math.dist(point, other) for row, point in enumerate(places) for other in places[:row]),
        default=math.inf,
    )
