"""Optimal purchases of the blocks of a slot at given prices.

A block is a subcarrier of a band, or the whole UAV band if the UAVs have free positions.
"""

from typing import NamedTuple

import numpy as np

from sagin.planning.certificates.bands import Band
from sagin.planning.certificates.cells import Cell, SlotNumbers, value_alone
from sagin.planning.certificates.matching import match_subcarriers

SECTIONS = 8
"""Number of golden sections that refine the price of a subcarrier's resource."""


class Fees(NamedTuple):
    """Prices for a band's users and nodes."""

    user: np.ndarray
    """(users, I): fee for a user served by a node, over all constraints."""
    power: np.ndarray
    """(I,): fee per W."""


Spot = tuple[int, int, int]
"""Node of the band, subcarrier, interval of t."""


class Use(NamedTuple):
    """Resources that a block's choice uses; filled in place."""

    served: np.ndarray
    """(users, I): how often each user is served."""
    power: np.ndarray
    """(I,): transmit power, W."""
    net: np.ndarray
    """(1,): worth of the choice after its payments."""
    open: list[tuple[Spot, float]]
    """Places with their remaining resource for users of L and C, who are settled at the end."""


class Purchase(NamedTuple):
    """Choices of users of L and C at some places, at a price of the resource."""

    resource: np.ndarray
    """(places,): used resource, of which 1 exists."""
    served: np.ndarray
    """(users of L and C, places)."""
    net: np.ndarray
    """(places,): worth after fees."""


class Goods(NamedTuple):
    """Users of L and C at some places."""

    delay: np.ndarray
    """(L, places, λ): `Cell.delay` at the places."""
    part: np.ndarray
    """(C, places): resource that a user needs."""
    cover: np.ndarray
    """(C, places): worth after the fee; −inf: impossible."""
    fee: np.ndarray
    """(L, places): fee for a user at a place."""
    price: np.ndarray
    most_covered: int

    @staticmethod
    def at(
        offers: "BlockOffers", nodes: np.ndarray, subcarriers: np.ndarray, intervals: np.ndarray
    ) -> "Goods":
        """Return the users at places given by node, subcarrier and interval."""
        # rows of L are from first to second, those of C from second on
        cell, (first, second, _) = offers.cell, np.cumsum(offers.slots.counts)
        cover, fee = cell.cover[:, nodes, subcarriers, intervals], offers.fees.user[:, nodes]
        # an infinite price of zero resource gives no demand
        with np.errstate(invalid="ignore"):
            part = (cover[..., 0] - cover[..., 1]) / cell.price[1]
            cover = cover[..., 0] - fee[second:]
        delay = cell.delay[:, nodes, subcarriers, intervals]
        return Goods(
            delay, np.nan_to_num(part), cover, fee[first:second], cell.price, cell.most_covered
        )

    def sum_demand(self, price: np.ndarray) -> np.ndarray:
        """Return λ + Σ (worth − λℓ/ℓ̄ − fee)⁺ at each place's price of the resource, (places,)."""
        # L gains along its line, C by whole steps
        start, share = self._line(price)
        gain = np.maximum(self.cover - price * self.part, 0.0)
        return (
            price
            + np.maximum(start - share * price, 0.0).sum(axis=0)
            + _greatest(gain, self.most_covered).sum(axis=0)
        )

    def _line(self, price: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return worth after the fee and resource of slice L, (L, places) each.

        f* is linear between tabulated prices.
        """
        # the segment of the price grid that each price lies in
        step = np.clip(np.searchsorted(self.price, price, side="right") - 1, 0, len(self.price) - 2)
        flat = self.delay.reshape(len(self.delay), self.delay.shape[1] * self.delay.shape[2])
        index = np.arange(len(step)) * len(self.price) + step
        # worth at the segment's start, and its slope as resource per price
        start = flat[:, index]
        share = (start - flat[:, index + 1]) / (self.price[step + 1] - self.price[step])
        return start + share * self.price[step] - self.fee, share

    def plan(self, price: np.ndarray) -> Purchase:
        """Return the choices at a price of the resource at each place, (places,)."""
        # users of L take part while worth exceeds what they pay
        worth, share = self._line(price)
        takes = worth > share * price
        gain = self.cover - price * self.part
        # rank of each user of C by gain: only the first ones fit
        order = np.argsort(np.argsort(-gain, axis=0, kind="stable"), axis=0, kind="stable")
        joins = (order < self.most_covered) & (gain > 0.0)
        served = np.concatenate([takes, joins]).astype(float)
        resource = np.where(takes, share, 0.0).sum(axis=0) + np.where(joins, self.part, 0.0).sum(
            axis=0
        )
        net = np.where(takes, worth, 0.0).sum(axis=0) + np.where(joins, self.cover, 0.0).sum(axis=0)
        return Purchase(resource, served, net)


class BlockOffers(NamedTuple):
    """A band's offers at given prices."""

    band: Band
    cell: Cell
    slots: SlotNumbers
    fees: Fees
    demand: np.ndarray
    """(parts + 1, I, N, T): largest worth of users of L and C on the remainder of a resource; the
    first entry is for the whole resource.
    """


def build_offers(band: Band, cell: Cell, slots: SlotNumbers, fees: Fees) -> BlockOffers:
    """Compute the worth of users of L and C at each node's subcarrier.

    This is min over λ of λr + Σ (worth − λℓ/ℓ̄ − fee)⁺, with the remaining resource r.
    """
    # demand at each price of the grid, summed over users of L and C
    first, second, _ = np.cumsum(slots.counts)
    fee = fees.user[:, :, None, None, None]
    total = np.maximum(cell.delay - fee[first:second], 0.0).sum(axis=0)
    total = total + _greatest(np.maximum(cell.cover - fee[second:], 0.0), cell.most_covered).sum(
        axis=0
    )
    # with a user of H some share of the resource is left, without one all of it
    left = np.concatenate([[1.0], cell.left])
    totals = left[:, None, None, None, None] * cell.price + total
    demand = totals.min(axis=-1)
    offers = BlockOffers(band, cell, slots, fees, demand)
    demand[0] = np.minimum(demand[0], _between_prices(offers, totals[0].argmin(axis=-1)))
    return offers


def _between_prices(offers: BlockOffers, near: np.ndarray) -> np.ndarray:
    """Return the demand for the whole resource, (I, N, T), by golden sections.

    The best price lies next to the best tabulated price.
    """
    goods, price = Goods.at(offers, *np.indices(near.shape).reshape(3, -1)), offers.cell.price
    # the minimum lies between the neighbours of the best price of the grid
    low = price[np.maximum(near.ravel() - 1, 0)]
    high = price[np.minimum(near.ravel() + 1, len(price) - 1)]
    best = np.full(low.shape, np.inf)
    ratio = 0.5 * (np.sqrt(5.0) - 1.0)
    ends = [high - ratio * (high - low), low + ratio * (high - low)]
    # one new value per golden section; the other end is kept
    values = [goods.sum_demand(end) for end in ends]
    for _ in range(SECTIONS):
        left = values[0] < values[1]
        best = np.minimum(best, np.minimum(*values))
        low, high = np.where(left, low, ends[0]), np.where(left, ends[1], high)
        inner, kept_value = np.where(left, ends[0], ends[1]), np.where(left, values[0], values[1])
        new = np.where(left, high - ratio * (high - low), low + ratio * (high - low))
        value = goods.sum_demand(new)
        ends = [np.where(left, new, inner), np.where(left, inner, new)]
        values = [np.where(left, value, kept_value), np.where(left, kept_value, value)]
    return np.minimum(best, np.minimum(*values)).reshape(near.shape)


def _greatest(values: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` largest values along the first axis."""
    if count >= values.shape[0]:
        return values
    return (
        values.max(axis=0, keepdims=True)
        if count == 1
        else np.partition(values, -count, axis=0)[-count:]
    )


class Single(NamedTuple):
    """The best worth of a user of H on a subcarrier, after its fee: (H, I, N, T, cells)."""

    value: np.ndarray
    power: np.ndarray
    """Paid power, W."""
    part: np.ndarray
    """Part of the resource of the user, −1: the whole resource; (H, I, N, T)."""


def price_singles(offers: BlockOffers) -> Single:
    """Compute the worth of a user of H, with or without users of L and C on the same subcarrier."""
    band, cell, high = offers.band, offers.cell, offers.slots.counts[0]
    share = np.ones((high, len(band.nodes), 1)) if band.cells is None else band.cells[:high]
    gain = band.gain[:high, :, :, None, None] * share[:, :, None, None, :]
    # in a cell the smallest interference stays while the own gain falls, so η is not scaled
    other = (cell.low[:, None] * (band.cross * band.gain)[:high, ..., None])[..., None]
    value, power = (
        np.empty((*np.broadcast_shapes(gain.shape, other.shape),)),
        np.empty(np.broadcast_shapes(gain.shape, other.shape)),
    )
    for node, price in enumerate(offers.fees.power):
        value[:, node], power[:, node] = value_alone(
            gain[:, node], other[:, node], price, band.power, offers.slots.rate_worth
        )
    company = cell.shared + np.moveaxis(offers.demand[1:], 0, -1)
    part = np.argmax(company, axis=-1)
    with_others = np.take_along_axis(company, part[..., None], axis=-1)
    better = with_others > value
    fee = offers.fees.user[:high, :, None, None, None]
    return Single(
        np.maximum(value, with_others) - fee,
        np.where(better, 0.0, power),
        np.where(better.any(axis=-1), part, -1),
    )


class BestNodes(NamedTuple):
    """Best use of a node's subcarrier, (I, N, T): by a user of H, by others, or 0 by none."""

    value: np.ndarray
    user: np.ndarray
    """User of H; −1: other users or none."""


def choose_nodes(offers: BlockOffers, single: Single) -> BestNodes:
    """Compute the largest worth of a node's subcarrier, for any UAV position."""
    company = offers.demand[0]
    if not offers.slots.counts[0]:
        return BestNodes(company, np.full(company.shape, -1))
    # the best user of H per node, subcarrier and interval
    best = single.value.max(axis=-1)
    user = best.argmax(axis=0)
    value = np.take_along_axis(best, user[None], axis=0)[0]
    return BestNodes(np.maximum(value, company), np.where(value > company, user, -1))


def solve_by_subcarrier(offers: BlockOffers) -> tuple[np.ndarray, list[Use]]:
    """Return values and uses of a band with fixed positions: one block per subcarrier.

    The ratio t couples the nodes of a block.
    """
    single = price_singles(offers)
    nodes = choose_nodes(offers, single)
    # sum over nodes, then the interval that is worth most
    total = nodes.value.sum(axis=0)
    intervals = total.argmax(axis=-1)
    uses = [make_use(offers) for _ in intervals]
    for subcarrier, interval in enumerate(intervals):
        for node in range(len(offers.band.nodes)):
            spend_power(
                uses[subcarrier],
                offers,
                single,
                (node, subcarrier, int(interval)),
                int(nodes.user[node, subcarrier, interval]),
            )
    settle_uses(offers, uses)
    return total.max(axis=-1), uses


def solve_by_places(offers: BlockOffers) -> tuple[np.ndarray, list[Use]]:
    """Return values and uses of UAVs with free positions.

    Two UAVs make one block, because t couples them; otherwise each UAV is a block.

    A subcarrier has a *main* user of H, or no user of H. Each user has one subcarrier, so main
    users match subcarriers one to one. The value is at most the largest matching for the best pair
    of cells, in which the other node may serve any user from any position.
    """
    single = price_singles(offers)
    nodes = choose_nodes(offers, single)
    if len(offers.band.nodes) == 2:
        pairs = [_of_uavs(offers, single, nodes, [0, 1])]
    else:
        pairs = [_of_uavs(offers, single, nodes, [node]) for node in range(len(offers.band.nodes))]
    settle_uses(offers, [use for _, use in pairs])
    return np.array([value for value, _ in pairs]), [use for _, use in pairs]


def _of_uavs(
    offers: BlockOffers, single: Single, nodes: BestNodes, which: list[int]
) -> tuple[float, Use]:
    pair, use = len(which) == 2, make_use(offers)
    without = offers.demand[0][which].sum(axis=0)
    base, spot = without.max(axis=-1), without.argmax(axis=-1)
    gains, intervals = [], []
    for node in which:
        partner = nodes.value[1 - node] if pair else 0.0 * base[:, None]
        totals = single.value[:, node] + partner[None, :, :, None]
        intervals.append(totals.argmax(axis=2))
        gains.append(np.maximum(totals.max(axis=2) - base[None, :, None], 0.0))
    value, cells, rows, columns = match_subcarriers(gains)
    for subcarrier in range(len(base)):
        hit = np.flatnonzero(columns == subcarrier)
        user = int(rows[hit[0]]) if len(hit) else -1
        weight = (
            [gain[user, subcarrier, cell] for gain, cell in zip(gains, cells, strict=True)]
            if user >= 0
            else [0.0]
        )
        if max(weight) <= 0.0:
            for node in which:
                spend_power(use, offers, single, (node, subcarrier, int(spot[subcarrier])), -1)
            continue
        main = int(np.argmax(weight))
        interval = int(intervals[main][user, subcarrier, cells[main]])
        spend_power(use, offers, single, (which[main], subcarrier, interval), user, cells[main])
        if pair:
            other = 1 - which[main]
            spend_power(
                use,
                offers,
                single,
                (other, subcarrier, interval),
                int(nodes.user[other, subcarrier, interval]),
            )
    return float(base.sum() + value), use


def make_use(offers: BlockOffers) -> Use:
    """Return an empty use."""
    return Use(np.zeros(offers.fees.user.shape), np.zeros(len(offers.fees.power)), np.zeros(1), [])


def spend_power(
    use: Use, offers: BlockOffers, single: Single, spot: Spot, user: int, cell: int | None = None
) -> None:
    """Add the use of a choice at a node, subcarrier and interval of t.

    The choice is a user of H (−1: none), and the users of L and C beside it, who are settled later.
    """
    node, left = spot[0], 1.0
    if user >= 0:
        cell = int(single.value[(user, *spot)].argmax()) if cell is None else cell
        paid, part = float(single.power[(user, *spot, cell)]), int(single.part[(user, *spot)])
        fee = offers.fees.user[user, node]
        use.served[user, node] += 1.0
        # a user who pays for power is alone; without power it would be worth nothing alone
        if paid > 0.0 or part < 0:
            use.power[node] += paid
            use.net[0] += single.value[(user, *spot, cell)]
            return
        use.net[0] += offers.cell.shared[(user, *spot, part)] - fee
        left = float(offers.cell.left[part])
    use.open.append((spot, left))


def settle_uses(offers: BlockOffers, uses: list[Use]) -> None:
    """Add the uses of users of L and C at all open places.

    These are the best fractions of a relaxed knapsack. The best price λ is found by bisection. The
    plans on both sides of it, mixed so that they just fill the resource, are a choice that the
    relaxation allows, so their worth is a true cut (`optimise.packing`).
    """
    tasks = [(use, spot, left) for use in uses for spot, left in use.open]
    if not tasks or sum(offers.slots.counts[1:]) == 0:
        return
    nodes, subcarriers, intervals = (
        np.array(axis) for axis in zip(*[spot for _, spot, _ in tasks], strict=True)
    )
    left = np.array([share for _, _, share in tasks])
    goods = Goods.at(offers, nodes, subcarriers, intervals)
    low, high = np.zeros(len(left)), np.full(len(left), offers.cell.price[-1])
    for _ in range(40):
        middle = 0.5 * (low + high)
        exceeds = goods.plan(middle).resource > left
        low, high = np.where(exceeds, middle, low), np.where(exceeds, high, middle)
    few, many = goods.plan(high), goods.plan(low)
    free = goods.plan(np.zeros(len(left)))
    span = many.resource - few.resource
    mix = np.where(
        span > 0, np.clip((left - few.resource) / np.where(span > 0, span, 1.0), 0.0, 1.0), 0.0
    )
    fits = free.resource <= left
    served = np.where(fits, free.served, few.served + mix * (many.served - few.served))
    net = np.where(fits, free.net, few.net + mix * (many.net - few.net))
    for number, (use, spot, _) in enumerate(tasks):
        use.served[offers.slots.counts[0] :, spot[0]] += served[:, number]
        use.net[0] += net[number]
