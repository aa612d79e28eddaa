"""The relays' transmit power: minimum power for γ_th, the paper's clipping, and the exact optimum.

The optimum is for capacity or for energy efficiency.
"""

from functools import partial
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float

from sagin.optimise.ratio import maximise_ratio
from sagin.optimise.result import Solution
from sagin.optimise.water_filling import ShareRange, Utility, fill
from sagin.radio import amplify_forward, capacity

Values = Float[Array, "*links"]
Pairs = Float[Array, "users relays"]


class Hops(NamedTuple):
    """Parameters of a cooperative link's rate besides the relay's power; all of one shape."""

    direct: Values
    """SNR of the direct link γ_{i,s}."""
    first: Values
    """SNR of the first hop γ_{j,s}."""
    constant: Values
    """Constant of the relay's gain ς > 0."""
    unit: Values
    """SNR of the second hop per watt, γ_{i,j}/p > 0, 1/W."""


def snr(hops: Hops, power: ArrayLike) -> Values:
    """Return γ = γ_{i,s} + γ_{j,s}·γ_{i,j}/(γ_{i,j} + ς) (24) at transmit powers p, W."""
    return hops.direct + amplify_forward.snr(hops.first, hops.unit * power, hops.constant)


def minimum_hop_power(threshold: ArrayLike, mean_unit: Values) -> Values:
    """Return p_min, W, at which the relay's own hop reaches γ_th (line 10): γ_th/(γ_{i,j}/p).

    The hop has its mean path loss.

    >>> float(minimum_hop_power(2.0, jnp.array(8.0)))
    0.25
    """
    return jnp.asarray(threshold) / mean_unit


def minimum_combined_power(threshold: ArrayLike, hops: Hops) -> Values:
    """Return p_min, W, at which the combined signal (24) reaches γ_th.

    It is 0 if the direct path reaches γ_th, and infinite if no power suffices. γ_{i,j} =
    ς·q/(γ_{j,s} − q) with q = γ_th − γ_{i,s}, the part that the relay has to contribute, which
    stays below γ_{j,s}.

    >>> hops = Hops(jnp.array(1.0), jnp.array(4.0), jnp.array(5.0), jnp.array(10.0))
    >>> float(minimum_combined_power(3.0, hops))
    0.5
    """
    # the SNR that the relay must contribute, and the most it can
    missing = jnp.maximum(jnp.asarray(threshold) - hops.direct, 0.0)
    room = hops.first - missing
    needed = hops.constant * missing / jnp.where(room > 0, room, 1.0) / hops.unit
    return jnp.where(missing == 0, 0.0, jnp.where(room > 0, needed, jnp.inf))


def clip(power: Values, least: Values, greatest: ArrayLike) -> Values:
    """Return Algorithm 1's power, lines 12 to 20.

    It is p_max if p_min exceeds p_max, and otherwise p clipped to [p_min, p_max].

    >>> clip(jnp.array([0.1, 9.0, 2.0]), jnp.array([1.0, 1.0, 7.0]), 5.0).tolist()
    [1.0, 5.0, 5.0]
    """
    return jnp.where(least <= greatest, jnp.clip(power, least, greatest), greatest)


def find_power_at_price(hops: Hops, price: ArrayLike, band: ArrayLike) -> Values:
    """Find the power, W, that maximises band·log2(1 + γ(p)) − price·p over all real p.

    It is the stationary point, below 0 if no power is worth its price.

    1 + γ = (A·p + C·s)/(p + s) with s = ς/(γ_{i,j}/p), C = 1 + γ_{i,s}, A = C + γ_{j,s}; it is
    concave, and its stationary point solves A·p² + (A + C)·s·p + C·s² = s·γ_{j,s}·k/price, k =
    band/ln 2. The root is computed without a difference of nearly equal numbers.

    Args:
        hops: the links.
        price: price of power, bit/s/W, above 0.
        band: the share of B that counts in the rate, Hz.
    """
    # the root of a quadratic, written without a difference of large numbers
    scale = hops.constant / hops.unit
    alone = 1.0 + hops.direct
    together = alone + hops.first
    value = jnp.asarray(band) / jnp.log(2.0) / price * hops.first
    root = jnp.sqrt(hops.first**2 + 4.0 * together * value / scale)
    return 2.0 * (value - alone * scale) / (together + alone + root)


def differentiate_rate(hops: Hops, power: ArrayLike, band: ArrayLike) -> Values:
    """Differentiate the rate, d/dp band·log2(1 + γ(p)), bit/s/W, at transmit powers p ≥ 0, W.

    This is the inverse of `find_power_at_price`. With that function's s, A and C it is
    k·γ_{j,s}/((p + s)·(C + A·p/s)). The formula has no difference, so it keeps its digits if the
    relay's own hop is far better than needed, γ_{i,j} >> ς, and the rate hardly depends on p.

    >>> hops = Hops(jnp.array(0.0), jnp.array(3.0), jnp.array(2.0), jnp.array(2.0))
    >>> round(float(differentiate_rate(hops, 1.0, jnp.log(2.0))), 3)
    0.3
    """
    scale = hops.constant / hops.unit
    alone = 1.0 + hops.direct
    steepness = hops.first / ((power + scale) * (alone + (alone + hops.first) * power / scale))
    return jnp.asarray(band) / jnp.log(2.0) * steepness


class PowerRule(NamedTuple):
    """Objective and limits of the powers."""

    objective: Literal["capacity", "efficiency"]
    """Objective: (31) or (30)."""
    limit: Literal["link", "relay"]
    """Whether p_max limits each link or the sum over a relay's links."""
    greatest: ArrayLike
    """Largest transmit power p_max, W."""
    band: ArrayLike
    """Bandwidth, Hz: the share of B in a relayed user's rate."""
    turn: ArrayLike = 1.0
    """Share of the time of each link of a relay, shape () or (relays,): below 1 if a relay's users
    take turns.
    """


class OtherNodes(NamedTuple):
    """Rate and power of the network outside the relays' links, which efficiency also counts."""

    rate: ArrayLike
    """Capacity of all other users, bit/s."""
    power: ArrayLike
    """Power of all other nodes, W, above 0."""


def allocate_powers(
    hops: Hops, pairs: Bool[Array, "users relays"], least: Pairs, rule: PowerRule, other: OtherNodes
) -> Solution:
    """Allocate the powers that maximise capacity or energy efficiency (lines 12 to 20).

    Every power is within [p_min, p_max], or p_max if p_min exceeds it. If the minimum powers of
    a relay's links together exceed its limit, they are waived.

    Rates are concave in power and coupled only by the limit, so both optima are exact for the given
    association: each link takes `find_power_at_price` at the greater of two prices, its relay's
    (none for a limit per link, otherwise by water filling) and the network's (none for capacity,
    otherwise the efficiency itself, by Dinkelbach). Capacity alone with a limit per link is p_max.

    All links in `pairs` count, whatever their SNR. A user whom (25) drops afterwards, because
    its power leaves it below γ_th, is not served, and its power is not shared again.

    Args:
        hops: the links, shape (users, relays).
        pairs: mask of which relay serves which user, shape (users, relays).
        least: p_min, W, shape (users, relays).
        rule: objective and limit.
        other: rate and power of the network without these links.

    Returns:
        Powers, W, 0 if a relay does not serve a user; the objective, bit/s or bit/J; its bound.
    """
    unity, zero = jnp.ones_like(hops.unit), jnp.zeros_like(hops.unit)
    if not pairs.size:
        return Solution(zero, jnp.zeros(()), jnp.zeros(()))
    # neutral links where a relay does not serve a user
    hops = jax.tree.map(
        lambda value, neutral: jnp.where(pairs, value, neutral),
        hops,
        Hops(zero, zero, unity, unity),
    )
    high = jnp.where(pairs, rule.greatest, 0.0)
    low = jnp.minimum(least, high)
    if rule.limit == "relay":
        low = jnp.where(low.sum(axis=0) <= rule.greatest, low, 0.0)
    best, prices = jax.vmap(partial(_maximise_capacity, rule), in_axes=1)(hops, low, high)
    most = best.point.T
    if rule.objective == "efficiency":
        return _maximise_efficiency(hops, (low, most, high), prices, rule, other)
    return Solution(most, (best.value * rule.turn).sum(), (best.bound * rule.turn).sum())


def _maximise_efficiency(
    hops: Hops,
    powers: tuple[Pairs, Pairs, Pairs],
    prices: Float[Array, "relays"],
    rule: PowerRule,
    other: OtherNodes,
) -> Solution:
    """Return the most efficient powers, by Dinkelbach's method from those of largest capacity.

    Args:
        hops: the links, neutral if a relay does not serve a user.
        powers: least, of largest capacity, and largest, W; 0 if a relay does not serve a user.
        prices: prices of power at each relay, at the largest capacity.
    """
    low, most, high = powers
    pairs = high > 0

    def measure(powers: Pairs) -> tuple[Array, Array]:
        rates = capacity.shannon_rate(rule.band, snr(hops, powers))
        rate = (rates * rule.turn).sum(where=pairs) + other.rate
        return rate, (powers * rule.turn).sum() + other.power

    def solve(ratio: Array) -> tuple[Pairs, Array, Array]:
        # if power costs more than the ratio, the power of largest capacity is best
        within = jnp.clip(find_power_at_price(hops, ratio, rule.band), low, high)
        powers = jnp.where(prices >= ratio, most, within)
        return powers, *measure(powers)

    # an allowed point reaches the efficiency at the capacity optimum, so it starts from below
    rate, power = measure(most)
    return maximise_ratio(solve, rate / power, other.power + (low * rule.turn).sum())


def _maximise_capacity(
    rule: PowerRule, hops: Hops, low: Values, high: Values
) -> tuple[Solution, Array]:
    """Return a relay's powers for capacity alone, and their price: 0 with a limit per link."""
    # links without their own power do not count
    served = (high > 0).astype(high.dtype)

    def rate(power: Values) -> Values:
        return capacity.shannon_rate(rule.band, snr(hops, power)) * served

    # with a limit per link each one takes all of it
    if rule.limit == "link":
        most = rate(high).sum()
        return Solution(high, most, most), jnp.zeros_like(most)
    # water-filling over a price of power
    utility = Utility(
        rate,
        lambda power: differentiate_rate(hops, power, rule.band),
        lambda price: find_power_at_price(hops, price, rule.band),
    )
    return fill(utility, ShareRange(low, high), rule.greatest)
