"""The decision of a relaying method in a drop: the relays' positions and the powers of all links.

A method is a `DecisionRule`. The paper's hotspot rule and its rivals are rows of the same kind, in
`placement`. The simulator computes association, combining and fading.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float

from sagin.errors import InputError
from sagin.relaying.links import DropLinks

TOLERANCE = 1e-5
"""Relative tolerance: a few units in the last place beyond a range count as its end."""


class Request(NamedTuple):
    """Data of a drop for a method; a NumPy method receives NumPy arrays."""

    users_m: Float[Array, "users 2"]
    """Positions east and north of the base station, m; rows of `needy` false may be padding."""
    needy: Bool[Array, "users"]
    """Mask of users in need: in excess, and not served by the satellite directly. If the satellite
    serves all of them, the mask holds all users in excess.
    """
    relays: int
    """Number of relays to place."""
    radius_m: ArrayLike
    """R_j, coverage radius of a relay, m."""
    capacity: int
    """ω_j, largest number of users per relay."""
    cell_radius_m: ArrayLike
    """Radius of the cell, m; relays must be in the disc's bounding square."""
    rate: Callable[[Any], Any]
    """Mean-channel rate, bit/s, of a relayed user at a horizontal distance, m; it decreases."""
    links: Callable[[Any], DropLinks]
    """All SNRs of the drop, fading included, with relays at these positions, m."""
    power_limit_w: ArrayLike
    """p_max, W, of a link, or of a relay's links together if `power.limit` is relay."""
    seed: ArrayLike
    """A number per drop, for `jax.random.key` or `numpy.random.default_rng`."""
    grid: int = 41
    """Points per side of the exhaustive grid."""


class Decision(NamedTuple):
    """Relay positions in a drop, and the power of each link."""

    positions_m: Float[Array | np.ndarray, "relays 2"]
    """East and north of the base station, m."""
    powers_w: Float[Array | np.ndarray, "users relays"] | None = None
    """Power, W, of each relay to each user if it serves that user; users are associated at these
    powers. None: association at p_max, then the scenario's own rule (`power.objective`).
    """


@dataclass(frozen=True)
class DecisionRule:
    """A relaying method."""

    name: str
    """Name in results and errors."""
    decide: Callable[[Request], Decision]
    """Decides one drop."""
    compiled: bool = True
    """Whether `decide` is a pure JAX function; otherwise it is called drop by drop with NumPy."""


def ask_rule(rule: DecisionRule, request: Request) -> Decision:
    """Ask a rule for its decision in a drop, and check the decision's shapes.

    Raises:
        InputError: the rule fails, or its decision has a wrong shape; one line that names the rule.
    """
    try:
        decision = rule.decide(request)
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        hint = "; a method in NumPy needs compiled=False" if "Tracer" in str(error) else ""
        text = f"method {rule.name}: {type(error).__name__}: {lines[0]}{hint}"
        raise InputError(text) from error
    if not isinstance(decision, Decision):
        kind = type(decision).__name__
        raise InputError(f"method {rule.name}: returned {kind} (allowed: a relaying Decision)")
    users, relays = len(request.users_m), request.relays
    _check_shape(rule, "positions_m", decision.positions_m, (relays, 2))
    if decision.powers_w is not None:
        _check_shape(rule, "powers_w", decision.powers_w, (users, relays))
    return decision


def _check_shape(rule: DecisionRule, name: str, value: Any, expected: tuple[int, ...]) -> None:
    shape = np.shape(value)
    if shape != expected:
        raise InputError(f"method {rule.name}: {name} has shape {shape} (allowed: {expected})")


def check_values(
    rule: DecisionRule, cell_radius_m: float, power_limit_w: float, decision: Decision
) -> None:
    """Check that a decision's numbers are in their ranges, for one drop or along a leading axis.

    Raises:
        InputError: one line that names the rule, the number and its range.
    """
    square = (-cell_radius_m, cell_radius_m)
    check_range(rule, "positions_m", decision.positions_m, square, "m")
    if decision.powers_w is not None:
        check_range(rule, "powers_w", decision.powers_w, (0.0, power_limit_w), "W")


def check_range(
    rule: DecisionRule, name: str, values: Any, limits: tuple[float, float], unit: str
) -> None:
    """Check that a rule's numbers are within limits; NaN is refused."""
    values, (low, high) = np.asarray(values, float), limits
    # a NaN fails this comparison
    wrong = ~((values >= low * (1.0 + TOLERANCE)) & (values <= high * (1.0 + TOLERANCE)))
    if wrong.any():
        raise InputError(
            f"method {rule.name}: {name} holds {values[wrong][0]:g}"
            f" (allowed: {low:g} to {high:g} {unit})"
        )
