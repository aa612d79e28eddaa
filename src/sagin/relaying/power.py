"""The relays' transmit power: the least for γ_th, the paper's clipping, and the exact optimum for
capacity or for energy efficiency.
"""

from functools import partial
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float

from sagin.optimise.ratio import maximise_ratio
from sagin.optimise.result import Result
from sagin.optimise.water_filling import ShareRange, Utility, fill
from sagin.radio import amplify_forward, capacity

Values = Float[Array, "*links"]
Pairs = Float[Array, "users relays"]


class Hops(NamedTuple):
    """What a cooperative link's rate depends on, besides the relay's power; all of one shape."""

    direct: Values
    """γ_{i,s}."""
    first: Values
    """γ_{j,s}."""
    constant: Values
    """ς > 0."""
    unit: Values
    """γ_{i,j}/p > 0, 1/W."""


def snr(hops: Hops, power: ArrayLike) -> Values:
    """Return γ = γ_{i,s} + γ_{j,s}·γ_{i,j}/(γ_{i,j} + ς) (24) at transmit powers p, W."""
    return hops.direct + amplify_forward.snr(hops.first, hops.unit * power, hops.constant)


def minimum_hop_power(threshold: ArrayLike, mean_unit: Values) -> Values:
    """Return p_min, W, by which the relay's own hop reaches γ_th on its mean path loss (line 10):
    γ_th/(γ_{i,j}/p).

    >>> float(minimum_hop_power(2.0, jnp.array(8.0)))
    0.25
    """
    return jnp.asarray(threshold) / mean_unit


def minimum_combined_power(threshold: ArrayLike, hops: Hops) -> Values:
    """Return p_min, W, by which the combined signal (24) reaches γ_th: 0 if the direct path does,
    infinite if no power does.

    γ_{i,j} = ς·q/(γ_{j,s} − q) with q = γ_th − γ_{i,s}, the part that the relay has to bring, which
    stays below γ_{j,s}.

    >>> float(minimum_combined_power(3.0, Hops(jnp.array(1.0), jnp.array(4.0), jnp.array(5.0), jnp.array(10.0))))
    0.5
    """
    wanted = jnp.maximum(jnp.asarray(threshold) - hops.direct, 0.0)
    room = hops.first - wanted
    needed = hops.constant * wanted / jnp.where(room > 0, room, 1.0) / hops.unit
    return jnp.where(wanted == 0, 0.0, jnp.where(room > 0, needed, jnp.inf))


def clip(power: Values, least: Values, greatest: ArrayLike) -> Values:
    """Return Algorithm 1's power, lines 12 to 20: p_max if p_min exceeds it, else p within [p_min,
    p_max].

    >>> clip(jnp.array([0.1, 9.0, 2.0]), jnp.array([1.0, 1.0, 7.0]), 5.0).tolist()
    [1.0, 5.0, 5.0]
    """
    return jnp.where(least <= greatest, jnp.clip(power, least, greatest), greatest)


def demand(hops: Hops, price: ArrayLike, band: ArrayLike) -> Values:
    """Return the power, W, that maximises band·log2(1 + γ(p)) − price·p over all real p:
    the stationary point, which is below 0 where no power pays.

    1 + γ = (A·p + C·s)/(p + s) with s = ς/(γ_{i,j}/p), C = 1 + γ_{i,s}, A = C + γ_{j,s}; it is
    concave, and its stationary point solves A·p² + (A + C)·s·p + C·s² = s·γ_{j,s}·k/price, k =
    band/ln 2. The root is written without a difference of near numbers.

    price: bit/s/W, above 0. band: Hz, the share of B that counts in the rate.
    """
    scale = hops.constant / hops.unit
    below = 1.0 + hops.direct
    above = below + hops.first
    worth = jnp.asarray(band) / jnp.log(2.0) / price * hops.first
    root = jnp.sqrt(hops.first**2 + 4.0 * above * worth / scale)
    return 2.0 * (worth - below * scale) / (above + below + root)


def marginal(hops: Hops, power: ArrayLike, band: ArrayLike) -> Values:
    """Return d/dp band·log2(1 + γ(p)), bit/s/W, at transmit powers p ≥ 0, W; `demand` is its
    inverse.

    With `demand`'s s, A and C it is k·γ_{j,s}/((p + s)·(C + A·p/s)): no difference, so it keeps its
    digits where the relay's own hop is far better than needed, γ_{i,j} >> ς, and the rate hardly
    depends on p.

    >>> round(float(marginal(Hops(jnp.array(0.0), jnp.array(3.0), jnp.array(2.0), jnp.array(2.0)), 1.0, jnp.log(2.0))), 3)
    0.3
    """
    scale = hops.constant / hops.unit
    below = 1.0 + hops.direct
    steepness = hops.first / ((power + scale) * (below + (below + hops.first) * power / scale))
    return jnp.asarray(band) / jnp.log(2.0) * steepness


class Rules(NamedTuple):
    """How powers are chosen."""

    objective: Literal["capacity", "efficiency"]
    """(31) or (30)."""
    limit: Literal["link", "relay"]
    """Whether p_max limits each link or the sum over a relay's links."""
    greatest: ArrayLike
    """p_max, W."""
    band: ArrayLike
    """Hz: the share of B in a relayed user's rate."""
    turn: ArrayLike = 1.0
    """Share of the time that each link of a relay has, shape () or (relays,): below 1 if a relay's
    users take turns.
    """


class Rest(NamedTuple):
    """The network outside the relays' links, which the efficiency counts."""

    rate: ArrayLike
    """Capacity of everybody else, bit/s."""
    power: ArrayLike
    """Power of everything else, W, above 0."""


def allocate(
    hops: Hops, chosen: Bool[Array, "users relays"], least: Pairs, rules: Rules, rest: Rest
) -> Result:
    """Return the powers that maximise capacity or energy efficiency with every power in [p_min,
    p_max], or at p_max where p_min exceeds it (lines 12 to 20).

    Rates are concave in power and share nothing but the limit, so both optima are exact for the
    association given: each link takes `demand` at a price, which is the greater of its relay's
    (none for a limit per link, else found by water filling) and the network's (none for capacity,
    the efficiency itself, by Dinkelbach, else). Capacity alone with a limit per link is p_max.
    Where the least powers of a relay's links together exceed its limit, they are waived.

    The optimum is that of `chosen`, all of whom count at whatever SNR they get. A user whom (25)
    drops afterwards, because the power set leaves the combined signal below γ_th, isn't served, and
    what it was given isn't shared anew among the others.

    hops: shape (users, relays). chosen: who is served by whom. least: p_min, W. rest: the network's
    rate and power without these links. Returns powers (0 where not chosen), W, the objective
    (bit/s, or bit/J) and its upper bound.
    """
    rows, columns = chosen.shape
    one, zero = jnp.ones_like(hops.unit), jnp.zeros_like(hops.unit)
    hops = jax.tree.map(
        lambda value, other: jnp.where(chosen, value, other), hops, Hops(zero, zero, one, one)
    )
    high = jnp.where(chosen, rules.greatest, 0.0)
    low = jnp.minimum(least, high)
    if rules.limit == "relay":
        low = jnp.where(low.sum(axis=0) <= rules.greatest, low, 0.0)
    if rows == 0 or columns == 0:
        return Result(zero, jnp.zeros(()), jnp.zeros(()))
    best, prices = jax.vmap(partial(_most, rules), in_axes=1)(hops, low, high)
    most = best.point.T
    capacities = Result(most, (best.value * rules.turn).sum(), (best.bound * rules.turn).sum())
    if rules.objective == "capacity":
        return capacities

    def solve(ratio: Array) -> tuple[Pairs, Array, Array]:
        powers = jnp.where(
            prices >= ratio, most, jnp.clip(demand(hops, ratio, rules.band), low, high)
        )
        rates = capacity.shannon_rate(rules.band, snr(hops, powers))
        return (
            powers,
            (rates * rules.turn).sum(where=chosen) + rest.rate,
            (powers * rules.turn).sum() + rest.power,
        )

    # the efficiency at the capacity optimum is reached by an allowed point, so it is a start from
    # below
    start = (capacities.value + rest.rate) / ((most * rules.turn).sum() + rest.power)
    return maximise_ratio(solve, start, rest.power + (low * rules.turn).sum())


def _most(rules: Rules, hops: Hops, low: Values, high: Values) -> tuple[Result, Array]:
    """Return the powers of a relay's links for capacity alone, and the price that they see: 0 for a
    limit per link.
    """
    served = (high > 0).astype(high.dtype)

    def rate(power: Values) -> Values:
        return capacity.shannon_rate(rules.band, snr(hops, power)) * served

    if rules.limit == "link":
        most = rate(high).sum()
        return Result(high, most, most), jnp.zeros_like(most)
    utility = Utility(
        rate,
        lambda power: marginal(hops, power, rules.band),
        lambda price: demand(hops, price, rules.band),
    )
    return fill(utility, ShareRange(low, high), rules.greatest)
