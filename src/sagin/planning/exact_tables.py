"""Tables of the exact optimum: a band's best worth for each set of users (dynamic programming)."""

import itertools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from sagin.slicing import links, objectives
from sagin.slicing.scenario import Scenario, slice_of
from sagin.slicing.state import State

MOST_AT_ONCE = 4_000_000
"""Largest number of elements of an array; UAV positions are split by it."""


class Choices(NamedTuple):
    """All uses of one subcarrier of a band: rows of the users' nodes and units of power.

    No row spends more than each node's units.
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
    """The nodes of one type with their gains and distances."""

    first: int
    power: float
    """Power of one node, W."""
    gain: np.ndarray
    """(places, users, I, subcarriers), over the noise, 1/W."""
    distance: np.ndarray
    """(places, users, I), m."""


class BandTable(NamedTuple):
    """A band's best worth for each set of users, with the choices that reach it."""

    band: ExactBand
    choices: Choices
    single: list[np.ndarray]
    """For each subcarrier, (places, sets, spent): largest worth that serves exactly the set with
    at most these units.
    """
    upto: list[np.ndarray]
    """The same for all subcarriers up to this one."""


class Worth:
    """Worth of SINR and distance for each user who takes part, by the goal's weights."""

    def __init__(self, scenario: Scenario, state: State, users: np.ndarray, weights: np.ndarray):
        self.scenario, self.slices = scenario, slice_of(scenario)[users]
        self.arrivals = np.asarray(state.arrivals)[users]
        counts = np.bincount(self.slices, minlength=3)
        self.weights = weights / np.where([False, True, True], np.maximum(counts, 1), 1)

    def __call__(self, sinr: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return the worth of each user, (…, users), of SINR and distance of the same shape."""
        settings = self.scenario.objectives
        rate = float(links.subcarrier_band(self.scenario)) * np.log1p(sinr) / np.log(2.0)
        flat = [
            jnp.asarray(np.broadcast_to(values, sinr.shape).ravel())
            for values in (self.arrivals, distance, rate, sinr)
        ]
        delay = np.asarray(objectives.delays(self.scenario, *flat[:3]), float).reshape(sinr.shape)
        high = rate / (settings.throughput_reference_mbps * 1e6)
        low = 1.0 - delay / settings.delay_limit_s
        wide = np.asarray(objectives.find_covered(self.scenario, flat[3]), float).reshape(
            sinr.shape
        )
        return self.weights[self.slices] * np.where(
            self.slices == 0, high, np.where(self.slices == 1, low, wide)
        )


def list_choices(users: int, nodes: int, units: int) -> Choices:
    """List all uses of a subcarrier.

    >>> len(list_choices(2, 1, 2).served)  # nobody; either with 1 or 2 units; both with 1
    6
    """
    node, chosen_units = np.zeros((1, 0), int), np.zeros((1, 0), int)
    spent = np.zeros((1, nodes), int)
    for _ in range(users):
        parts = [(node, chosen_units, spent, -1, 0)]
        for number, amount in itertools.product(range(nodes), range(1, units + 1)):
            fits = spent[:, number] + amount <= units
            parts.append(
                (
                    node[fits],
                    chosen_units[fits],
                    spent[fits] + amount * (np.arange(nodes) == number),
                    number,
                    amount,
                )
            )
        node = np.concatenate([np.column_stack([a, np.full(len(a), i)]) for a, _, _, i, _ in parts])
        chosen_units = np.concatenate(
            [np.column_stack([b, np.full(len(b), u)]) for _, b, _, _, u in parts]
        )
        spent = np.concatenate([c for _, _, c, _, _ in parts])
    served = ((node >= 0) * 2 ** np.arange(users)).sum(axis=1)
    return Choices(node, chosen_units, served, spent @ (units + 1) ** np.arange(nodes))


def _values(
    worth_of: Worth, band: ExactBand, options: Choices, units: int, subcarrier: int, places: slice
) -> np.ndarray:
    """Return the worth of each choice on a subcarrier, (places, rows)."""
    linked = options.node[..., None] == np.arange(band.gain.shape[2])
    sent = linked * (options.units * band.power / units)[..., None]
    # interfering power that each node sends to other users
    interferers = sent.sum(axis=1, keepdims=True) - sent
    rule = worth_of.scenario.radio.interference
    interferers = interferers * {"same-type": True, "other-nodes": ~linked, "none": False}[rule]
    gain = band.gain[places, None, :, :, subcarrier]
    interference, signal = (interferers * gain).sum(axis=-1), (sent * gain).sum(axis=-1)
    distance = (linked * band.distance[places, None]).sum(axis=-1)
    return worth_of(signal / (interference + 1.0), distance).sum(axis=-1)


def solve_band(worth_of: Worth, band: ExactBand, units: int) -> BandTable:
    """Compute a band's best worth for each set of served users, at each candidate position."""
    count, users, nodes, subcarriers = band.gain.shape
    options = list_choices(users, nodes, units)
    shape = (2**users, (units + 1) ** nodes)
    step = max(1, MOST_AT_ONCE // max(options.node.size * nodes, 1))
    single = []
    for subcarrier in range(subcarriers):
        table = np.full((count, *shape), -np.inf)
        for start in range(0, count, step):
            values = _values(worth_of, band, options, units, subcarrier, slice(start, start + step))
            for spot, row in enumerate(values, start):
                np.maximum.at(table[spot], (options.served, options.spent), row)
        single.append(_or_fewer(table, units, nodes))
    upto = single[:1]
    for table in single[1:]:
        upto = [*upto, _join_tables(upto[-1], table, users, _list_splits(units, nodes))]
    return BandTable(band, options, single, upto)


def _or_fewer(table: np.ndarray, units: int, nodes: int) -> np.ndarray:
    """Return the maximum over at most these units of each node."""
    cube = table.reshape(*table.shape[:2], *[units + 1] * nodes)
    for axis in range(2, 2 + nodes):
        cube = np.maximum.accumulate(cube, axis=axis)
    return cube.reshape(table.shape)


def _list_splits(units: int, nodes: int) -> list[tuple[int, int, int]]:
    """List all (total, part, rest) of the nodes' units, as digits."""
    base = (units + 1) ** np.arange(nodes)
    amounts = list(itertools.product(range(units + 1), repeat=nodes))
    return [
        (
            int(np.dot(total, base)),
            int(np.dot(part, base)),
            int(np.dot(total, base) - np.dot(part, base)),
        )
        for total in amounts
        for part in amounts
        if all(mine <= other for mine, other in zip(part, total, strict=True))
    ]


def _list_pairs(users: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List all (set, subset), sorted by set, and the start of each set."""
    sets = np.arange(2**users)
    whole, part = np.nonzero((sets[:, None] & sets) == sets)
    return whole, part, np.searchsorted(whole, sets)


def _join_tables(
    first: np.ndarray, second: np.ndarray, users: int, splits: list[tuple[int, int, int]]
) -> np.ndarray:
    """Return the maximum of the sum of two tables over all splits of the set and the units."""
    whole, part, starts = _list_pairs(users)
    best = np.full(first.shape, -np.inf)
    for total, first_units, second_units in splits:
        values = first[:, part, first_units] + second[:, whole ^ part, second_units]
        best[:, :, total] = np.maximum(
            best[:, :, total], np.maximum.reduceat(values, starts, axis=1)
        )
    return best


def combine_bands(
    solved: list[BandTable], allowed: np.ndarray, users: int, stations: int
) -> tuple[float, int, list[int]]:
    """Return the best worth, the UAVs' position and each band's set."""
    tables = [band.upto[-1][:, :, -1] for band in solved]
    tables = [
        np.where(allowed[0], table, -np.inf) if band.band.first < stations else table
        for table, band in zip(tables, solved, strict=True)
    ]
    count = max((len(table) for table in tables), default=1)
    whole, part, starts = _list_pairs(users)
    # an unserved user is worth 0; the order is satellites, UAVs, then base stations, before which
    # the set of the others is checked
    best, steps = np.where(np.arange(2**users) == 0, 0.0, -np.inf)[None].repeat(count, axis=0), []
    for table, band in reversed(list(zip(tables, solved, strict=True))):
        if band.band.first < stations:
            best = np.where(allowed[1], best, -np.inf)
        steps.append((best, table))
        best = np.maximum.reduceat(best[:, whole ^ part] + table[:, part], starts, axis=1)
    best = best if stations else np.where(allowed[1], best, -np.inf)
    spot, members = (int(index) for index in np.unravel_index(best.argmax(), best.shape))
    value, sets = float(best[spot, members]), []
    for before, table in reversed(steps):
        mine = part[whole == members]
        row = min(spot, len(table) - 1)
        served = int(mine[np.argmax(before[spot, members ^ mine] + table[row, mine])])
        sets.append(served)
        members ^= served
    return value, spot, sets


def trace_choices(
    solved: BandTable, worth_of: Worth, members: int, spot: int, units: int
) -> list[tuple[int, int]]:
    """Return (subcarrier, choice) of each subcarrier of a band that serves the set at its best."""
    nodes = solved.band.gain.shape[2]
    spot = min(spot, len(solved.band.gain) - 1)
    left, choices = (units + 1) ** nodes - 1, []
    splits = _list_splits(units, nodes)
    whole, part, _ = _list_pairs(solved.band.gain.shape[1])
    for subcarrier in range(len(solved.single) - 1, -1, -1):
        served, spent = members, left
        if subcarrier:
            options = [
                (subset, spare, used)
                for total, used, spare in splits
                if total == left
                for subset in part[whole == members]
            ]
            before, single = solved.upto[subcarrier - 1][spot], solved.single[subcarrier][spot]
            served, spent, left = max(
                options, key=lambda way: single[way[0], way[1]] + before[members ^ way[0], way[2]]
            )
        values = _values(
            worth_of, solved.band, solved.choices, units, subcarrier, slice(spot, spot + 1)
        )[0]
        digits = [
            (
                solved.choices.spent // (units + 1) ** i % (units + 1),
                spent // (units + 1) ** i % (units + 1),
            )
            for i in range(nodes)
        ]
        fits = (solved.choices.served == served) & np.all(
            [mine <= most for mine, most in digits], axis=0
        )
        choices.append((subcarrier, int(np.argmax(np.where(fits, values, -np.inf)))))
        members ^= int(served)
    return choices
