"""The exact optimum of small slots over association, subcarriers, grids of powers and positions: an
oracle for planners and bounds.
"""

import itertools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.planning.goals import Goal
from sagin.slicing import links, objectives, uavs
from sagin.slicing.allocation import Allocation, node_limits, node_powers, quotas
from sagin.slicing.scenario import Scenario, check_interference, sizes, slice_of
from sagin.slicing.state import State

MOST_USERS = 8
"""Users that take part at most: the cost grows as 3^users."""
MOST_AT_ONCE = 4_000_000
"""Numbers in the largest array, by which UAV places are split."""


class Optimum(NamedTuple):
    """The best allocation and its worth, w·terms."""

    allocation: Allocation
    worth: float


class Choices(NamedTuple):
    """All ways to use one subcarrier of a band: rows of the users' nodes and units of power, within
    each node's units.
    """

    node: np.ndarray
    """(rows, users), −1: none."""
    units: np.ndarray
    """(rows, users)."""
    served: np.ndarray
    """(rows,): the set of users, as bits."""
    spent: np.ndarray
    """(rows,): units of the nodes, as digits of base Q + 1."""


class ExactBand(NamedTuple):
    """The nodes of one type and what they are worth."""

    first: int
    power: float
    """W of one."""
    gain: np.ndarray
    """(places, users, I, subcarriers), over the noise, 1/W."""
    distance: np.ndarray
    """(places, users, I), m."""


class BandTable(NamedTuple):
    """A band's best worth for each set of users, and how it comes about."""

    band: ExactBand
    choices: Choices
    single: list[np.ndarray]
    """Of each subcarrier, (places, sets, spent): most worth that serves just the set with these
    units or fewer.
    """
    upto: list[np.ndarray]
    """The same of all subcarriers up to one."""


def find_optimum(
    scenario: Scenario,
    state: State,
    wanted: Goal,
    *,
    units: int = 3,
    grid: int = 3,
    respect_priority: bool = False,
) -> Optimum:
    """Return the best of all allocations in which powers are multiples of 1/Q of a node's total and
    UAVs stand at centres of a grid.

    units: Q; grid: squares along a side of the area. Exhaustive by a dynamic programme: the terms
    are sums over users, bands don't interfere, and subcarriers of a band are tied by the users left
    and the units left alone; on a subcarrier every choice of nodes and units is tried with its SINR
    (2), (6), (9), worth by the simulator's formulas. Capacities below Q are refused: a served user
    has a unit at least, so that greater ones can't bind. Least values of the goal are left aside.
    """
    check_interference(scenario, "exact")
    users = np.flatnonzero(np.asarray(state.active))
    limits = np.asarray(node_limits(scenario))
    if len(users) > MOST_USERS:
        raise InputError(
            f"exact: {len(users)} users is not allowed (allowed: at most {MOST_USERS})"
        )
    if np.any(limits < units):
        raise InputError(
            f"exact: a capacity of {limits.min():g} users is not allowed (allowed: at least units = {units})"
        )
    places = list_places(scenario, grid)
    worth_of = _Worth(scenario, state, users, np.asarray(wanted.weights, float))
    solved = [solve_band(worth_of, band, units) for band in _bands(scenario, state, users, places)]
    allowed = _list_allowed_sets(scenario, state, users, respect_priority)
    value, place, sets = _combine_bands(solved, allowed, len(users), sizes(scenario).M)
    node, subcarrier = np.full(sizes(scenario).K, -1), np.full(sizes(scenario).K, -1)
    power = np.zeros(sizes(scenario).K)
    for one, members in zip(solved, sets, strict=True):
        for where, row in _trace_choices(one, worth_of, members, place, units):
            here = one.choices.node[row] >= 0
            node[users[here]] = one.band.first + one.choices.node[row][here]
            subcarrier[users[here]] = where
            power[users[here]] = one.choices.units[row][here] * one.band.power / units
    plan = (node, subcarrier, power.astype(np.float32), places[place].astype(np.float32))
    return Optimum(Allocation(*(jnp.asarray(part) for part in plan)), value)


def list_places(scenario: Scenario, grid: int) -> np.ndarray:
    """Return the UAVs' places that are tried, (places, UAVs, 2), m: all choices of grid centres far
    enough apart; given ones if fixed.
    """
    count, side = sizes(scenario).V, float(scenario.area.side_m)
    if scenario.uavs.placement == "fixed" or count == 0:
        return np.asarray(uavs.fixed_positions(scenario), float).reshape(1, -1, 2)[:, :count]
    centre = (np.arange(grid) + 0.5) * side / grid
    points = np.stack(np.meshgrid(centre, centre, indexing="ij"), axis=-1).reshape(-1, 2)
    found = points[list(itertools.product(range(len(points)), repeat=count))]
    apart = (
        np.sqrt(((found[:, :, None] - found[:, None]) ** 2).sum(axis=-1))
        + np.eye(count) * side * 2.0
    )
    found = found[apart.min(axis=(1, 2)) >= scenario.uavs.spacing_m]
    if not len(found):
        raise InputError(
            f"exact: grid = {grid} is not allowed (allowed: one on which {count} UAVs are uavs.spacing_m apart)"
        )
    return found


def _bands(
    scenario: Scenario, state: State, users: np.ndarray, places: np.ndarray
) -> list[ExactBand]:
    size, noise, power = (
        sizes(scenario),
        float(links.noise_power(scenario)),
        np.asarray(node_powers(scenario), float),
    )
    above = np.repeat(np.asarray(links.satellite_gains(scenario))[..., None], size.N, axis=2)
    high = links.satellite_distance(scenario)
    flying = [
        (
            links.uav_gains(scenario, state, one),
            links.uav_distance(scenario, state.user_positions, one),
        )
        for one in jnp.asarray(places)
    ]
    ground = [
        (links.base_gains(scenario, state), links.base_distance(scenario, state.user_positions))
    ]
    firsts = (0, size.M, size.M + size.V)
    found = []
    for first, count, pairs in zip(
        firsts, (size.M, size.V, size.O), (ground, flying, [(above, high)]), strict=True
    ):
        if count:
            gain, distance = (
                np.stack([np.asarray(one, float)[users] for one in axis])
                for axis in zip(*pairs, strict=True)
            )
            found.append(ExactBand(first, float(power[first]), gain / noise, distance))
    return found


class _Worth:
    """What SINR and distance are worth to each user who takes part, by the goal's weights."""

    def __init__(self, scenario: Scenario, state: State, users: np.ndarray, weights: np.ndarray):
        self.scenario, self.place = scenario, slice_of(scenario)[users]
        self.arrivals = np.asarray(state.arrivals)[users]
        counts = np.bincount(self.place, minlength=3)
        self.weights = weights / np.where([False, True, True], np.maximum(counts, 1), 1)

    def __call__(self, sinr: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return the worth of each user, (…, users), of SINR and distance of the same shape."""
        settings = self.scenario.objectives
        rate = float(links.subcarrier_band(self.scenario)) * np.log1p(sinr) / np.log(2.0)
        flat = [
            jnp.asarray(np.broadcast_to(one, sinr.shape).ravel())
            for one in (self.arrivals, distance, rate, sinr)
        ]
        delay = np.asarray(objectives.delays(self.scenario, *flat[:3]), float).reshape(sinr.shape)
        high = rate / (settings.throughput_reference_mbps * 1e6)
        low = 1.0 - delay / settings.delay_limit_s
        wide = np.asarray(objectives.find_covered(self.scenario, flat[3]), float).reshape(
            sinr.shape
        )
        return self.weights[self.place] * np.where(
            self.place == 0, high, np.where(self.place == 1, low, wide)
        )


def list_choices(users: int, nodes: int, units: int) -> Choices:
    """Return all ways to use a subcarrier.

    >>> len(list_choices(2, 1, 2).served)  # nobody; either with 1 or 2 units; both with 1
    6
    """
    node, given = np.zeros((1, 0), int), np.zeros((1, 0), int)
    spent = np.zeros((1, nodes), int)
    for _ in range(users):
        parts = [(node, given, spent, -1, 0)]
        for one, amount in itertools.product(range(nodes), range(1, units + 1)):
            fits = spent[:, one] + amount <= units
            parts.append(
                (
                    node[fits],
                    given[fits],
                    spent[fits] + amount * (np.arange(nodes) == one),
                    one,
                    amount,
                )
            )
        node = np.concatenate([np.column_stack([a, np.full(len(a), i)]) for a, _, _, i, _ in parts])
        given = np.concatenate(
            [np.column_stack([b, np.full(len(b), u)]) for _, b, _, _, u in parts]
        )
        spent = np.concatenate([c for _, _, c, _, _ in parts])
    served = ((node >= 0) * 2 ** np.arange(users)).sum(axis=1)
    return Choices(node, given, served, spent @ (units + 1) ** np.arange(nodes))


def _values(
    worth_of: _Worth, band: ExactBand, options: Choices, units: int, subcarrier: int, places: slice
) -> np.ndarray:
    """Return the worth of each choice on a subcarrier, (places, rows)."""
    nodes = band.gain.shape[2]
    sent = (options.node[..., None] == np.arange(nodes)) * (options.units * band.power / units)[
        ..., None
    ]
    others = sent.sum(axis=1, keepdims=True) - sent
    gain = band.gain[places, None, :, :, subcarrier]
    heard, own = (others * gain).sum(axis=-1), (sent * gain).sum(axis=-1)
    here = options.node[..., None] == np.arange(nodes)
    distance = (here * band.distance[places, None]).sum(axis=-1)
    return worth_of(own / (heard + 1.0), distance).sum(axis=-1)


def solve_band(worth_of: _Worth, band: ExactBand, units: int) -> BandTable:
    """Return a band's best worth for each set of users served, at each place."""
    count, users, nodes, subcarriers = band.gain.shape
    options = list_choices(users, nodes, units)
    shape = (2**users, (units + 1) ** nodes)
    step = max(1, MOST_AT_ONCE // max(options.node.size * nodes, 1))
    single = []
    for subcarrier in range(subcarriers):
        table = np.full((count, *shape), -np.inf)
        for start in range(0, count, step):
            values = _values(worth_of, band, options, units, subcarrier, slice(start, start + step))
            for place, row in enumerate(values, start):
                np.maximum.at(table[place], (options.served, options.spent), row)
        single.append(_or_fewer(table, units, nodes))
    upto = single[:1]
    for table in single[1:]:
        upto = [*upto, _join_tables(upto[-1], table, users, _list_splits(units, nodes))]
    return BandTable(band, options, single, upto)


def _or_fewer(table: np.ndarray, units: int, nodes: int) -> np.ndarray:
    """Return the most over no more units of each node."""
    cube = table.reshape(*table.shape[:2], *[units + 1] * nodes)
    for axis in range(2, 2 + nodes):
        cube = np.maximum.accumulate(cube, axis=axis)
    return cube.reshape(table.shape)


def _list_splits(units: int, nodes: int) -> list[tuple[int, int, int]]:
    """Return all (total, part, rest) of the nodes' units, as digits."""
    base = (units + 1) ** np.arange(nodes)
    every = list(itertools.product(range(units + 1), repeat=nodes))
    return [
        (
            int(np.dot(total, base)),
            int(np.dot(part, base)),
            int(np.dot(total, base) - np.dot(part, base)),
        )
        for total in every
        for part in every
        if all(one <= other for one, other in zip(part, total, strict=True))
    ]


def _list_pairs(users: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all (set, part of it), sorted by set, and where each set begins."""
    sets = np.arange(2**users)
    whole, part = np.nonzero((sets[:, None] & sets) == sets)
    return whole, part, np.searchsorted(whole, sets)


def _join_tables(
    first: np.ndarray, second: np.ndarray, users: int, splits: list[tuple[int, int, int]]
) -> np.ndarray:
    """Return the most of the sum of two tables over all ways to split the set and the units."""
    whole, part, starts = _list_pairs(users)
    found = np.full(first.shape, -np.inf)
    for total, one, rest in splits:
        values = first[:, part, one] + second[:, whole ^ part, rest]
        found[:, :, total] = np.maximum(
            found[:, :, total], np.maximum.reduceat(values, starts, axis=1)
        )
    return found


def _list_allowed_sets(
    scenario: Scenario, state: State, users: np.ndarray, respect: bool
) -> np.ndarray:
    """Return which sets base stations (first row) and the others may serve, (2, sets)."""
    sets = np.arange(2 ** len(users))
    if not respect:
        return np.ones((2, len(sets)), bool)
    most = np.asarray(quotas(scenario, state))
    place = (
        np.zeros(len(users), int)
        if scenario.balancing.rule == "uniform"
        else slice_of(scenario)[users]
    )
    member = (sets[:, None] >> np.arange(len(users))) & 1
    counts = np.stack([(member * (place == row)).sum(axis=1) for row in range(3)], axis=1)
    return np.stack([np.all(counts <= most[:, layer], axis=1) for layer in range(2)])


def _combine_bands(
    solved: list[BandTable], allowed: np.ndarray, users: int, stations: int
) -> tuple[float, int, list[int]]:
    """Return the best worth, the UAVs' place and each band's set."""
    tables = [one.upto[-1][:, :, -1] for one in solved]
    tables = [
        np.where(allowed[0], one, -np.inf) if band.band.first < stations else one
        for one, band in zip(tables, solved, strict=True)
    ]
    count = max((len(one) for one in tables), default=1)
    whole, part, starts = _list_pairs(users)
    # whom nobody serves is worth 0; the order is satellites, UAVs, then the base stations, before
    # whom the others' set is checked
    best, steps = np.where(np.arange(2**users) == 0, 0.0, -np.inf)[None].repeat(count, axis=0), []
    for table, one in reversed(list(zip(tables, solved, strict=True))):
        if one.band.first < stations:
            best = np.where(allowed[1], best, -np.inf)
        steps.append((best, table))
        best = np.maximum.reduceat(best[:, whole ^ part] + table[:, part], starts, axis=1)
    best = best if stations else np.where(allowed[1], best, -np.inf)
    place, members = (int(one) for one in np.unravel_index(best.argmax(), best.shape))
    value, sets = float(best[place, members]), []
    for before, table in reversed(steps):
        mine = part[whole == members]
        row = min(place, len(table) - 1)
        taken = int(mine[np.argmax(before[place, members ^ mine] + table[row, mine])])
        sets.append(taken)
        members ^= taken
    return value, place, sets


def _trace_choices(
    solved: BandTable, worth_of: _Worth, members: int, place: int, units: int
) -> list[tuple[int, int]]:
    """Return (subcarrier, choice) of each subcarrier of a band that serves the set at its best."""
    nodes = solved.band.gain.shape[2]
    place = min(place, len(solved.band.gain) - 1)
    left, found = (units + 1) ** nodes - 1, []
    splits = _list_splits(units, nodes)
    whole, part, _ = _list_pairs(solved.band.gain.shape[1])
    for subcarrier in range(len(solved.single) - 1, -1, -1):
        taken, spent = members, left
        if subcarrier:
            options = [
                (own, rest, one)
                for total, one, rest in splits
                if total == left
                for own in part[whole == members]
            ]
            before, single = solved.upto[subcarrier - 1][place], solved.single[subcarrier][place]
            taken, spent, left = max(
                options, key=lambda way: single[way[0], way[1]] + before[members ^ way[0], way[2]]
            )
        values = _values(
            worth_of, solved.band, solved.choices, units, subcarrier, slice(place, place + 1)
        )[0]
        digits = [
            (
                solved.choices.spent // (units + 1) ** i % (units + 1),
                spent // (units + 1) ** i % (units + 1),
            )
            for i in range(nodes)
        ]
        fits = (solved.choices.served == taken) & np.all(
            [mine <= most for mine, most in digits], axis=0
        )
        found.append((subcarrier, int(np.argmax(np.where(fits, values, -np.inf)))))
        members ^= int(taken)
    return found
