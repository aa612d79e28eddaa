"""What one subcarrier of a band is worth at most, as a knapsack.

Who shares it at what SINR is relaxed to a knapsack of resource ℓ = SINR/(1 + SINR).

The resource. Let node i send Q_i in all on a subcarrier. The SINR (2), (6), (9) of its user k has
p_k·g_ki in the numerator and all other power received plus noise below, so ℓ_k = SINR_k/(1 +
SINR_k) = p_k·g_ki/(σ² + Σ_j Q_j·g_kj), the part of all it hears that is meant for it. With ℓ̄_k =
Q_i·g_ki/(σ² + Σ_j Q_j·g_kj), what k would have if all of i's power were its own, Σ_(k at i)
ℓ_k/ℓ̄_k = Σ p_k/Q_i = 1: at a node, a subcarrier is shared like a knapsack of size 1, exactly. ℓ̄_k
rises with Q_i and falls with the ratio t = Q_j/Q_i of the other node's power, ℓ̄_k = 1/(1 +
t·g_kj/g_ki + σ²/(Q_i·g_ki)); a bound takes Q_i = P_i, the least t of an interval, and t = 0 where a
band has other than two nodes.

Slice H. Its rate −B·log2(1 − ℓ) is convex in ℓ, so among users of H on a subcarrier of a node the
sum is greatest if one has all their
resource: one user of H a node and subcarrier loses nothing. Slice L: its value f(ℓ) is neither; the
knapsack is relaxed by a price λ of
resource, any of which bounds: Σ f_k(ℓ_k) ≤ λ + Σ max_ℓ [f_k(ℓ) − λℓ/ℓ̄_k]. Slice C: a user needs ℓ
> γ/(1 + γ), so at most the greatest whole s with s·γ/(1 + γ) < 1 of them share: one from 0 dB on.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.planning.certificates.bands import Band
from sagin.slicing import objectives
from sagin.slicing.scenario import Scenario
from sagin.types import Array

RATES = 800
"""Points at which slice L's value is tabulated, by rate."""
MOST_RATE = 50.0
"""Greatest rate that float64 can tell from ℓ = 1, bit/s/Hz."""
PRICES = 20
"""Prices λ of resource among which the best is taken."""
PARTS = (0.2, 0.4, 0.6, 0.75, 0.9)
"""Where the range of H's part of a shared subcarrier is cut."""


class SlotNumbers(NamedTuple):
    """The users who take part, in the order H, L, C, and what a goal gives for them."""

    users: np.ndarray
    """Their numbers."""
    counts: tuple[int, int, int]
    """Of H, L, C."""
    rate_worth: float
    """Of 1 bit/s/Hz of H."""
    delay_worth: float
    """Of 1 − D/β of a user of L."""
    cover_worth: float
    """Of a user of C covered."""
    arrivals: np.ndarray
    """(L,): packets."""
    band: float
    """Of a subcarrier, Hz."""
    threshold: float
    """SINR from which a user is covered."""


class Cell(NamedTuple):
    """What users make of a subcarrier, before prices.

    Axes: users, nodes I, subcarriers N, intervals of t T, λ or H's part.
    """

    low: np.ndarray
    """(I, T): least ratio t of the other node's power to the own one."""
    delay: np.ndarray
    """(L, I, N, T, λ): most of f − λℓ/ℓ̄."""
    cover: np.ndarray
    """(C, I, N, T, λ): worth − λℓ/ℓ̄; −inf: can't be."""
    price: np.ndarray
    """(λ,)."""
    shared: np.ndarray
    """(H, I, N, T, parts): most worth of H with a part of the resource."""
    left: np.ndarray
    """(parts,): most resource left to the others."""
    most_covered: int
    """Users of C who fit on one subcarrier of a node."""


def build_cell(scenario: Scenario, band: Band, slots: SlotNumbers, step_db: float) -> Cell:
    """Return what users can make of a subcarrier of the band.

    step_db: width of an interval of t, where two nodes interfere.
    """
    low = list_ratios(band, step_db)
    with np.errstate(divide="ignore", over="ignore"):
        full = 1.0 / (
            1.0 + low[:, None] * band.cross[..., None] + 1.0 / (band.power * band.gain[..., None])
        )
    first, second, _ = np.cumsum(slots.counts)
    need = slots.threshold / (1.0 + slots.threshold)
    price = _prices(slots)
    delays = value_delays(scenario, slots)
    least_share = bound_share(slots, need, delays[0][0])
    edges = np.concatenate([[0.0], np.asarray(PARTS) * (1.0 - least_share), [1.0 - least_share]])
    high = np.minimum(edges[1:] * full[:first, ..., None], 1.0 - 1e-16)
    with np.errstate(divide="ignore"):
        part = need / full[second:, ..., None]
    # a part may be infinite, and a price 0
    cover = np.where(part <= 1.0, slots.cover_worth - price * np.minimum(part, 1.0), -np.inf)
    most = int(np.ceil(1.0 / need)) - 1 if need > 0 else len(slots.users)
    delay = _delay(scenario, band, slots, full[first:second], (price, *delays))
    return Cell(
        low, delay, cover, price, -slots.rate_worth * np.log2(1.0 - high), 1.0 - edges[:-1], most
    )


def list_ratios(band: Band, step_db: float) -> np.ndarray:
    """Return the least t of each interval for both nodes, (2, T).

    The intervals go from 0 over ±60 dB to ∞; 0, (I, 1), where t is not used.
    """
    count = len(band.nodes)
    if count != 2:
        return np.zeros((count, 1))
    ends = 10.0 ** (np.arange(-60.0, 60.0 + step_db / 2, step_db) / 10.0)
    # the last interval of one node, to infinity, is the first of the other one, from 0
    return np.stack([np.concatenate([[0.0], ends]), np.concatenate([1.0 / ends, [0.0]])])


def bound_share(slots: SlotNumbers, need: float, least_rate: float) -> float:
    """Return the least ℓ at which a user of L or C is worth anything.

    It is the part of a subcarrier that H cannot have unless it is alone.
    """
    of_delay = 1.0 - 2.0 ** (-least_rate / slots.band) if slots.counts[1] else 1.0
    parts = ([of_delay] if slots.counts[1] else []) + ([need] if slots.counts[2] else [])
    return min(parts, default=1.0)


def value_delays(scenario: Scenario, slots: SlotNumbers) -> tuple[np.ndarray, np.ndarray]:
    """Return rates, bit/s, and the values of the users of L there, (L, rates).

    Rates start about where a user is first worth anything; the delay is the simulator's (21) at
    distance 0.
    """
    band, cap = slots.band, scenario.objectives.delay_limit_s

    def value(rates: np.ndarray) -> np.ndarray:
        delay = np.asarray(_delays_near(scenario, slots.arrivals, rates), float)
        return slots.delay_worth * np.maximum(1.0 - delay / cap, 0.0)

    if slots.counts[1] == 0:
        return band * np.array([MOST_RATE]), np.zeros((0, 1))
    rates = band * np.geomspace(1e-6, MOST_RATE, RATES)
    useful = np.any(value(rates) > 0.0, axis=0)
    first = rates[max(int(np.argmax(useful)) - 1, 0)] if np.any(useful) else rates[-2]
    rates = np.geomspace(first, rates[-1], RATES)
    return rates, value(rates)


@jax.jit
def _delays_near(scenario: Scenario, arrivals: Array, rates: Array) -> Array:
    """Return delays (users, rates), s, at distance 0."""
    number, rate = jnp.meshgrid(
        jnp.asarray(arrivals, float), jnp.asarray(rates, float), indexing="ij"
    )
    flat = objectives.delays(scenario, number.ravel(), jnp.zeros_like(rate).ravel(), rate.ravel())
    return flat.reshape(rate.shape)


def _prices(slots: SlotNumbers) -> np.ndarray:
    worth = [
        single
        for single, count in zip(
            (slots.delay_worth, slots.cover_worth), slots.counts[1:], strict=True
        )
        if count
    ]
    return np.concatenate([[0.0], max(worth, default=1.0) * np.geomspace(0.01, 4.0, PRICES - 1)])


def _delay(
    scenario: Scenario,
    band: Band,
    slots: SlotNumbers,
    full: np.ndarray,
    tables: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return an upper bound of max over ℓ ≤ ℓ̄ of f(ℓ) − λℓ/ℓ̄ for users of L, (L, I, N, T, λ).

    f*(c) = max over ℓ ≤ ℓ̄ of f(ℓ) − cℓ, tabulated by c and by ℓ̄ with f at the upper and ℓ at the
    lower end of each step, rises with ℓ̄
    and is convex in c: it is read at the next greater ℓ̄ and on the chord at c = λ/ℓ̄. Propagation
    lowers it by the worth of d/c, d the least distance. tables: prices λ, rates, and the values of
    users of L there.
    """
    price, rates, value = tables
    width = slots.band
    lower = 1.0 - 2.0 ** (-np.concatenate([[0.0], rates[:-1]]) / width)
    cost = np.concatenate([[0.0], price[1] * np.geomspace(0.3, 1e4, 120)])
    wait = (
        slots.delay_worth
        * band.distance
        / (objectives.SPEED_OF_LIGHT * scenario.objectives.delay_limit_s)
    )
    first, bounds = slots.counts[0], np.empty((*full.shape, len(price)))
    most = np.searchsorted(rates, -width * np.log2(np.maximum(1.0 - full, 2.0**-MOST_RATE)))[
        ..., None
    ]
    cost_price = np.minimum(price / np.maximum(full, 1e-300)[..., None], cost[-1])
    step = np.minimum(np.searchsorted(cost, cost_price, side="right") - 1, len(cost) - 2)
    part = (cost_price - cost[step]) / (cost[step + 1] - cost[step])
    for row, worth in enumerate(value):
        table = np.maximum.accumulate(worth - cost[:, None] * lower, axis=1)
        ends = [table[step[row] + more, np.minimum(most[row], len(rates) - 1)] for more in (0, 1)]
        best = ends[0] + part[row] * (ends[1] - ends[0])
        bounds[row] = np.maximum(best - wait[first + row, :, None, None, None], 0.0)
    return bounds


def value_alone(
    gain: np.ndarray, other: np.ndarray, price: float, power: float, worth: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return max over 0 ≤ Q ≤ P of w·log2(1 + Qγ/(1 + Qη)) − μQ, and the Q.

    This is for one user of H without others at its node.

    gain: γ, 1/W; other: η = t·γ_j, interference per W sent by the own node, 1/W; price: μ, per W;
    power: P, W; worth: w of 1 bit/s/Hz. The value is concave in Q; its slope w/ln 2·γ/((1 + Qη)(1 +
    Q(γ + η))) equals μ at a root of a quadratic, written without cancellation.

    >>> price = 0.5 / np.log(2.0)  # of which 1/(1 + Q) = 1/2
    >>> value, spent = value_alone(np.array(1.0), np.array(0.0), price, 9.0, 1.0)
    >>> float(spent), round(float(value), 4)
    (1.0, 0.2787)
    """
    if price <= 0:
        spent = np.full(np.broadcast_shapes(gain.shape, other.shape), power)
    else:
        over = worth / np.log(2.0) / price
        with np.errstate(invalid="ignore", divide="ignore"):
            root = (
                gain + 2.0 * other + np.sqrt(gain**2 + 4.0 * other * (gain + other) * gain * over)
            )
            spent = np.clip(np.where(root > 0, 2.0 * (gain * over - 1.0) / root, 0.0), 0.0, power)
    value = worth * np.log2(1.0 + spent * gain / (1.0 + spent * other)) - price * spent
    return np.asarray(value), np.asarray(spent)
