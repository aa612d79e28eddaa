"""A relaying scenario: its sections, checks across fields, derived values, built-in scenarios."""

import math
from collections.abc import Sequence
from dataclasses import field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sagin.links.row import Reach, list_losses_rules
from sagin.orbits import circular
from sagin.parameters import Rule, check_rules, read_built_in, section
from sagin.places.sky import to_utc
from sagin.relaying.nodes import Air, Base, Relays, ServingSatellite, Users
from sagin.relaying.outside import Orbit, Sessions, Sites
from sagin.relaying.settings import Association, Csi, Energy, Power, Radio

LEVEL = frozenset({"free-space", "log-distance"})
"""Loss models that need no elevation."""
MOST_STATIONS = 64
"""Largest number of base stations of a scenario."""
FARTHEST_STATION_M = 50_000.0
"""Largest distance of a base station from the GBS, m."""
SEARCH_LIMIT = 4_000_000
"""Largest number of placements in an exhaustive search per drop."""


@section
class Scenario:
    """Everything that a relaying run depends on, besides the random key."""

    users: Users = field(default_factory=Users)
    base: Base = field(default_factory=Base)
    relay: Relays = field(default_factory=Relays)
    air: Air = field(default_factory=Air)
    satellite: ServingSatellite = field(default_factory=ServingSatellite)
    orbit: Orbit = field(default_factory=Orbit)
    sessions: Sessions = field(default_factory=Sessions)
    radio: Radio = field(default_factory=Radio)
    csi: Csi = field(default_factory=Csi)
    algorithm: Association = field(default_factory=Association)
    power: Power = field(default_factory=Power)
    energy: Energy = field(default_factory=Energy)
    sites: Sites = field(default_factory=Sites)


SCENARIOS: dict[str, tuple[str, dict[str, Any]]] = {
    "paper": ("Table I: one relay, 200 users, an overhead pass of a satellite at 1000 km", {}),
    "walker": (
        "the paper's cell under a generated Walker constellation, the satellites handing over",
        {"satellite": {"source": "walker"}},
    ),
    "relays": (
        "five relays of 40 users each, 400 users",
        {"users": {"count": 400}, "relay": {"count": 5, "capacity": 40}},
    ),
    "poisson": (
        "Poisson users without a hotspot",
        {"users": {"process": "poisson", "hotspot_share": 0.0}},
    ),
    "efficient": (
        "powers set for energy efficiency, one p_max for a relay's links together",
        {"power": {"objective": "efficiency", "limit": "relay"}},
    ),
    "printed": (
        "line 5's gate ignored: every excess user within reach is relayed",
        {"algorithm": {"gate": "ignored"}},
    ),
}
"""Built-in scenarios: name, description, and the fields in which it differs from the defaults."""


def build_scenario(name: str, overrides: tuple[str, ...] = ()) -> Scenario:
    """Build a built-in scenario with `section.field=value` overrides, and check it.

    >>> build_scenario("relays").relay.count
    5
    """
    return check_scenario(read_built_in(Scenario, SCENARIOS, name, overrides), f"scenario {name}")


def check_scenario(scenario: Scenario, source: str = "scenario") -> Scenario:
    """Check that a scenario's fields agree with each other, and return it.

    Args:
        scenario: the scenario.
        source: name of the scenario in an error, such as its file.

    Raises:
        ScenarioError: one line names field, value and the allowed values.
    """
    return check_rules(scenario, _list_rules(scenario), source)


def _list_rules(scenario: Scenario) -> list[Rule]:
    return [
        *_list_place_rules(scenario),
        *_list_site_rules(scenario),
        *_list_link_rules(scenario),
        *_list_power_rules(scenario),
    ]


def _list_link_rules(scenario: Scenario) -> list[Rule]:
    """List the rules of loss models, and that no field is set which they make idle."""
    base, relay, satellite = scenario.base, scenario.relay, scenario.satellite
    plain, height = Scenario(), satellite.altitude_km * 1e3
    low = satellite.least_elevation_deg
    has_losses = satellite.losses is not None
    far = float(circular.slant_range(height, math.radians(low))) if has_losses else height
    reaches = {
        "base": _list_reaches(base.height_m, base.cell_radius_m + find_spread(base.positions_m)),
        "air": _list_reaches(relay.altitude_m, 2.0 * base.cell_radius_m),
        "satellite": [Reach(height, 90.0, height), Reach(far, low, height)],
    }
    idle = {
        "base": ("exponent",),
        "air": ("a", "b", "excess_los_db", "excess_nlos_db", "repeated_exponent"),
        "satellite": ("exponent",),
    }
    rules: list[Rule] = []
    for name, paths in reaches.items():
        part, default = getattr(scenario, name), getattr(plain, name)
        for field_name in idle[name]:
            value = getattr(part, field_name)
            is_idle = part.losses is not None and value != getattr(default, field_name)
            allowed = f"no value together with {name}.losses"
            rules.append((f"{name}.{field_name}", value, allowed, is_idle))
        carrier = scenario.radio.carrier_ghz
        rules += list_losses_rules(part.losses, f"{name}.losses", carrier, paths)
    models = () if satellite.losses is None else satellite.losses.models
    from_file = satellite.source == "elements" and bool(set(models) - LEVEL)
    allowed = f"{', '.join(sorted(LEVEL))} with satellite.source = elements, whose heights differ"
    return [*rules, ("satellite.losses.models", list(models), allowed, from_file)]


def find_spread(places: Sequence[tuple[float, float]]) -> float:
    """Find the largest distance of some positions from the GBS, m; 0 without positions."""
    return max((math.hypot(*spot) for spot in places), default=0.0)


def _list_reaches(height_m: float, width_m: float) -> list[Reach]:
    """List the steepest and the flattest path between a node at a height and users around it."""
    low = math.degrees(math.atan2(height_m, width_m))
    flat = Reach(math.hypot(height_m, width_m), low, height_m)
    return [Reach(max(height_m, 1.0), 90.0 if height_m > 0 else 0.0, height_m), flat]


def _list_site_rules(scenario: Scenario) -> list[Rule]:
    """List the rules that no field is set which cell sites, or their absence, make idle."""
    plain, sites, users = Scenario(), scenario.sites, scenario.users
    has_file = sites.file is not None
    decided = {"count": "density_per_km2", "hotspot_radius_m": "scatter_m"}
    return [
        (
            "base.positions_m",
            f"{len(scenario.base.positions_m)} places",
            "no value together with sites.file, where sites.base_stations decides",
            has_file and bool(scenario.base.positions_m),
        ),
        *(
            (
                f"users.{name}",
                getattr(users, name),
                f"no value together with sites.file, where sites.{instead} decides",
                has_file and getattr(users, name) != getattr(plain.users, name),
            )
            for name, instead in decided.items()
        ),
        *(
            (
                f"sites.{entry.name}",
                getattr(sites, entry.name),
                "no value without sites.file",
                not has_file and getattr(sites, entry.name) != getattr(plain.sites, entry.name),
            )
            for entry in fields(sites)
        ),
    ]


def _list_place_rules(scenario: Scenario) -> list[Rule]:
    """List the rules on where users, satellites and base stations are."""
    users, base, orbit, sites = scenario.users, scenario.base, scenario.orbit, scenario.sites
    inside = users.hotspot_place == "inside" and users.hotspot_share > 0 and sites.file is None
    room = f"below base.cell_radius_m = {base.cell_radius_m:g} m, or hotspot_place = anywhere"
    from_elements, by_cell = scenario.satellite.source == "elements", sites.pick == "cell"
    has_sessions = scenario.sessions.arrivals_per_s > 0
    return [
        (
            "users.hotspot_radius_m",
            users.hotspot_radius_m,
            room,
            inside and users.hotspot_radius_m >= base.cell_radius_m,
        ),
        (
            "orbit.elements",
            orbit.elements,
            "a TLE or OMM file, as satellite.source = elements",
            from_elements and orbit.elements is None,
        ),
        (
            "orbit.elements",
            orbit.elements,
            "an existing file",
            from_elements and not _is_file(orbit.elements),
        ),
        (
            "orbit.phasing",
            orbit.phasing,
            f"0 to planes − 1 = {orbit.planes - 1}",
            orbit.phasing >= orbit.planes,
        ),
        (
            "sessions.arrivals_per_s",
            scenario.sessions.arrivals_per_s,
            "0, or satellite.source = walker or elements: one pass hands nobody over",
            has_sessions and scenario.satellite.source == "circular",
        ),
        (
            "sites.cell",
            sites.cell,
            "a cell identity, as sites.pick = cell",
            by_cell and sites.file is not None and sites.cell is None,
        ),
        *_list_station_rules(base),
    ]


def _list_station_rules(base: Base) -> list[Rule]:
    """List the rules of further base stations: their number, distance and places."""
    places = base.positions_m
    distinct = {(0.0, 0.0), *places}
    return [
        (
            "base.positions_m",
            f"{len(places)} places",
            f"at most {MOST_STATIONS - 1}",
            len(places) >= MOST_STATIONS,
        ),
        (
            "base.positions_m",
            [list(spot) for spot in places],
            f"within {FARTHEST_STATION_M / 1e3:g} km of the GBS",
            find_spread(places) > FARTHEST_STATION_M,
        ),
        (
            "base.positions_m",
            [list(spot) for spot in places],
            "places that differ, none of them the GBS's own (0, 0)",
            len(distinct) <= len(places),
        ),
    ]


def _list_power_rules(scenario: Scenario) -> list[Rule]:
    """List the rules on the relays' search and on the shared band and power."""
    tried = float(scenario.algorithm.grid) ** (2 * scenario.relay.count)
    exhaustive = scenario.algorithm.placement == "exhaustive"
    takes_turns = scenario.radio.band_rule == "shared"
    in_turns = "as radio.band_rule = shared: users take turns, each at full power"
    return [
        (
            "algorithm.grid",
            scenario.algorithm.grid,
            f"grid^(2·relay.count) at most {SEARCH_LIMIT}",
            exhaustive and tried > SEARCH_LIMIT,
        ),
        (
            "power.limit",
            scenario.power.limit,
            f"link, {in_turns}",
            takes_turns and scenario.power.limit == "relay",
        ),
        (
            "base.power_rule",
            scenario.base.power_rule,
            f"full, {in_turns}",
            takes_turns and scenario.base.power_rule == "shared",
        ),
    ]


def _is_file(name: str | None) -> bool:
    return name is not None and Path(name).is_file()


def parse_start_time(scenario: Scenario) -> datetime:
    """Return the time of the first drop under satellites; UTC if it has no offset."""
    return to_utc(scenario.orbit.time)


def replace_counts(scenario: Scenario, users: int, relays: int) -> Scenario:
    """Replace the numbers of users and relays; scenarios with equal numbers share a program."""
    return replace(
        scenario,
        users=replace(scenario.users, count=users),
        relay=replace(scenario.relay, count=relays),
    )
