"""Upper bounds of the results of any allocation and any UAV positions in a slot.

There is one bound per slice, and one of any weighted sum.

The allocation is relaxed to the bound of `cells` for one subcarrier of one node type. Only scarce
resources couple the subcarriers: each user is served once, and each node has a limit of users and
of power. These constraints receive prices (`optimise.packing`), and every set of prices gives a
bound. For UAVs with free positions, the bound takes the largest gain in each cell of a grid.

Three relaxations keep the bound above the optimum: interference counts only in bands of two nodes,
and between UAVs with free positions only from the farthest corner; power for slices L and C is
free; and knapsacks and prices allow fractions of users.
"""

from typing import NamedTuple

import numpy as np

from sagin.errors import InputError
from sagin.optimise.packing import Bids, bound_by_prices, descend
from sagin.planning.certificates.bands import Band, Measures, build_bands, measure_slot
from sagin.planning.certificates.blocks import (
    Fees,
    Use,
    build_offers,
    solve_by_places,
    solve_by_subcarrier,
)
from sagin.planning.certificates.cells import Cell, SlotNumbers, build_cell
from sagin.planning.goals import Goal, build_goal
from sagin.slicing.balancing import ignores_slices
from sagin.slicing.scenario import Scenario, check_interference, sizes, slice_of
from sagin.slicing.state import State

MANY = 40_000
"""Users × nodes × subcarriers above which the coarse, fast resolution is used."""


MOST_OF = 0.75
"""First price of a user, as a share of its worth alone."""


class BoundEffort(NamedTuple):
    """Resolution of a bound; every setting gives a valid bound."""

    cells: int
    """Number of UAV cells along a side of the area."""
    step_db: float
    """Width of an interval of the ratio of two nodes' powers, dB."""
    decided_step_db: float
    """The same for UAVs with free positions."""
    rounds: int
    """Number of price updates."""


FINE = BoundEffort(cells=6, step_db=3.0, decided_step_db=6.0, rounds=60)
COARSE = BoundEffort(cells=4, step_db=6.0, decided_step_db=12.0, rounds=25)


class Bounds(NamedTuple):
    """Bounds of a slot, each valid by itself."""

    throughput: float
    """Upper bound of slice H, bit/s."""
    delay: float
    """Lower bound of the mean of slice L, s."""
    coverage: float
    """Upper bound of slice C."""


class Problem(NamedTuple):
    """A slot with a goal, as blocks and scarce resources.

    The order of the resources is: users (each once), nodes' users, users of a slice in a layer
    (`quotas`), nodes' power.
    """

    slots: SlotNumbers
    bands: list[Band]
    cells: list[Cell]
    supply: np.ndarray
    layers: np.ndarray
    """(users, 2): index of the slices' supply that a user in a layer draws on."""
    numbers: tuple[int, int, int]
    """Numbers of users, nodes, and supplies of slices."""


def bound_metrics(
    scenario: Scenario,
    state: State,
    *,
    respect_priority: bool = False,
    effort: BoundEffort | None = None,
) -> Bounds:
    """Return bounds of throughput of H, bit/s, mean delay of L, s, and coverage of C.

    Each bound holds by itself.

    Args:
        scenario: the scenario.
        state: the slot.
        respect_priority: whether to bound only plans that keep `quotas`.
        effort: resolution; None: by the size of the slot.
    """
    high, low, wide = bound_terms(scenario, state, respect_priority=respect_priority, effort=effort)
    settings = scenario.objectives
    return Bounds(
        high * settings.throughput_reference_mbps * 1e6, (1.0 - low) * settings.delay_limit_s, wide
    )


def bound_terms(
    scenario: Scenario,
    state: State,
    *,
    respect_priority: bool = False,
    effort: BoundEffort | None = None,
) -> np.ndarray:
    """Return the bounds as largest values of the three normalised terms."""
    options = {"respect_priority": respect_priority, "effort": effort}
    terms = [bound_worth(scenario, state, build_goal(tuple(row)), **options) for row in np.eye(3)]
    return np.minimum(np.array(terms), [np.inf, 1.0, 1.0])


def bound_worth(
    scenario: Scenario,
    state: State,
    goal: Goal,
    *,
    respect_priority: bool = False,
    effort: BoundEffort | None = None,
) -> float:
    """Return an upper bound of w·terms over all allocations and UAV positions of a slot.

    Minimum values of the goal are ignored, since they only exclude allocations. The goal's weights
    must be ≥ 0. `respect_priority` and `effort` are those of `bound_metrics`.
    """
    check_interference(scenario, "bounds")
    weights = np.asarray(goal.weights, float)
    if weights.shape != (3,) or np.any(weights < 0):
        raise InputError(
            f"goal 'weights': {weights.tolist()} is not allowed (allowed: three numbers, at "
            "least 0)"
        )
    size = sizes(scenario)
    many = size.K * (size.M + size.V + size.O) * size.N > MANY
    effort = (COARSE if many else FINE) if effort is None else effort
    problem = build_problem(
        scenario, state, weights, respect_priority=respect_priority, effort=effort
    )
    if problem is None:
        return 0.0
    seek = descend if many else bound_by_prices
    most = max(
        problem.slots.rate_worth * 15.0, problem.slots.delay_worth, problem.slots.cover_worth
    )
    return seek(
        lambda prices: collect_bids(problem, prices),
        problem.supply,
        guess_prices(problem),
        width=most,
        rounds=effort.rounds,
    ).value


def build_problem(
    scenario: Scenario,
    state: State,
    weights: np.ndarray,
    *,
    respect_priority: bool,
    effort: BoundEffort,
) -> Problem | None:
    """Return the slot as blocks and supplies; None if there are no users or no nodes."""
    slices, active = slice_of(scenario), np.asarray(state.active)
    counts = np.bincount(slices[active], minlength=3)
    weights = np.where(counts > 0, weights, 0.0)
    # users of slices without weight are left out: served or not, they are worth nothing, and
    # serving them only costs
    users = np.flatnonzero(active & (weights[slices] > 0))
    if not len(users) or not sum(sizes(scenario)[1:4]):
        return None
    number = [int(count) for count in np.bincount(slices[users], minlength=3)]
    measures = measure_slot(scenario, state, effort.cells)
    reference = scenario.objectives.throughput_reference_mbps * 1e6
    slots = SlotNumbers(
        users=users,
        counts=(number[0], number[1], number[2]),
        rate_worth=float(weights[0] * measures.band / reference),
        delay_worth=float(weights[1] / max(counts[1], 1)),
        cover_worth=float(weights[2] / max(counts[2], 1)),
        arrivals=np.asarray(state.arrivals, float)[users][number[0] : number[0] + number[1]],
        band=float(measures.band),
        threshold=float(measures.threshold),
    )
    bands = build_bands(scenario, measures, users)
    steps = [effort.step_db if band.cells is None else effort.decided_step_db for band in bands]
    supply, layers = _supplies(scenario, measures, users, respect_priority)
    nodes = np.concatenate([np.full(len(band.nodes), band.power) for band in bands])
    total = np.concatenate([np.ones(len(users)), measures.limit, supply, nodes])
    cells = [
        build_cell(scenario, band, slots, step) for band, step in zip(bands, steps, strict=True)
    ]
    return Problem(slots, bands, cells, total, layers, (len(users), len(nodes), len(supply)))


def _supplies(
    scenario: Scenario, measures: Measures, users: np.ndarray, respect: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the quotas of slices and layers, flat, and each user's row in them.

    A user has one row in either layer.
    """
    most = measures.quota if respect else np.full((3, 2), np.inf)
    row = (
        np.zeros(len(users), int)
        if ignores_slices(scenario.balancing.rule)
        else slice_of(scenario)[users]
    )
    return most.ravel(), np.stack([2 * row, 2 * row + 1], axis=1)


def guess_prices(problem: Problem) -> np.ndarray:
    """Guess initial prices.

    Power costs as if each subcarrier had a user of H with an equal part of it. A user costs most of
    its worth alone. All other resources are free.
    """
    (_, nodes, slices), slots = problem.numbers, problem.slots
    power, subcarriers = problem.supply[-nodes:], problem.bands[0].gain.shape[2]
    rate = slots.rate_worth / np.log(2.0) * min(subcarriers, max(slots.counts[0], 1))
    best = np.max(
        [
            band.power / subcarriers * band.gain[: slots.counts[0]].max(axis=(1, 2))
            for band in problem.bands
        ],
        axis=0,
    )
    worth = [slots.rate_worth * np.log2(1.0 + best)] + [
        np.full(count, worth)
        for count, worth in zip(
            slots.counts[1:], (slots.delay_worth, slots.cover_worth), strict=True
        )
    ]
    return np.concatenate([MOST_OF * np.concatenate(worth), np.zeros(nodes + slices), rate / power])


def collect_bids(problem: Problem, prices: np.ndarray) -> Bids:
    """Return the purchases of the blocks at given prices."""
    users, nodes, slices = problem.numbers
    user, node, quota, power = np.split(prices, np.cumsum([users, nodes, slices]))
    values, uses, nets = [], [], []
    for band, content in zip(problem.bands, problem.cells, strict=True):
        layer = problem.layers[:, 0 if band.terrestrial else 1]
        barred = np.where(problem.supply[users + nodes + layer] > 0, 0.0, np.inf)
        fees = Fees((user + quota[layer] + barred)[:, None] + node[band.nodes], power[band.nodes])
        offers = build_offers(band, content, problem.slots, fees)
        value, band_uses = (
            solve_by_subcarrier(offers) if band.cells is None else solve_by_places(offers)
        )
        values.append(value)
        uses += [_flat(problem, band, layer, use) for use in band_uses]
        nets += [float(use.net[0]) for use in band_uses]
    return Bids(np.concatenate(values), np.stack(uses), np.array(nets))


def _flat(problem: Problem, band: Band, layer: np.ndarray, use: Use) -> np.ndarray:
    _, nodes, slices = problem.numbers
    node, quota, power = np.zeros(nodes), np.zeros(slices), np.zeros(nodes)
    node[band.nodes], power[band.nodes] = use.served.sum(axis=0), use.power
    np.add.at(quota, layer, use.served.sum(axis=1))
    return np.concatenate([use.served.sum(axis=1), node, quota, power])
