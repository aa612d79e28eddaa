"""Evaluation of a relaying method: results per drop on common random numbers, with checks."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from sagin.relaying import links as link_models
from sagin.relaying.decision import Decision, DecisionRule, ask_rule, check_range, check_values
from sagin.relaying.frameworks import find_framework
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import chunk_size
from sagin.relaying.network import evaluate_drop, serve_drop
from sagin.relaying.results import Summary
from sagin.relaying.sampling import Realisation, Serving, sample_drop
from sagin.relaying.scenario import Scenario
from sagin.relaying.service import build_request, mean_rate, select_needy
from sagin.units import from_dbm


class Score(NamedTuple):
    """Metrics that rank methods: capacity, then efficiency; of CUD, per drop."""

    capacity: Float[np.ndarray, "drops"]
    """Capacity, bit/s."""
    efficiency: Float[np.ndarray, "drops"]
    """Efficiency by (30) with hovering, bit/J."""


def score_drops(summary: Summary) -> Score:
    """Score a method by CUD's capacity and energy efficiency in each drop."""
    row = find_framework("cud")
    capacity = np.asarray(summary.capacity, float)[..., row]
    return Score(capacity, np.asarray(summary.printed_efficiency, float)[..., row])


def evaluate_method(method: DecisionRule, scenario: Scenario, drops: int, seed: int) -> Summary:
    """Evaluate a method on the drops of a seed, which are the same for all methods.

    The simulator computes users, channels, association, combining and fading; `Decision` describes
    the method's part.

    Args:
        method: the method, in JAX or in NumPy.
        scenario: the scenario, whose files are read here.
        drops: number of drops.
        seed: seed of all drops.

    Returns:
        Results of all frameworks in NumPy, with a leading axis (drops,).

    Raises:
        InputError: the method fails, or its decision is not allowed; one line names the method.
    """
    inputs = prepare_inputs(scenario, drops)
    keys = jax.random.split(jax.random.key(seed), drops)
    chunk = min(chunk_size(inputs.scenario), drops)
    batches = []
    for start in range(0, drops, chunk):
        # the last batch is filled up with its last drop, so that all share one program
        batch = np.minimum(start + np.arange(chunk), drops - 1)
        serving = jax.tree.map(lambda values, batch=batch: values[batch], inputs.servings)
        summary = _evaluate_batch(method, inputs, keys[batch], serving)
        count = min(chunk, drops - start)
        batches.append(
            jax.tree.map(lambda values, count=count: np.asarray(values)[:count], summary)
        )
    return jax.tree.map(lambda *values: np.concatenate(values), *batches)


def _evaluate_batch(
    method: DecisionRule, inputs: Inputs, keys: Array, servings: Serving | None
) -> Summary:
    """Evaluate a method on some drops, and check its decisions."""
    scenario = inputs.scenario
    limit_w = float(from_dbm(scenario.relay.power_dbm))
    # a method's numbers are checked before and after the drops run
    check = partial(check_values, method, scenario.base.cell_radius_m, limit_w)
    decisions = None
    # NumPy methods decide outside of the compiled program, drop by drop
    if not method.compiled and scenario.relay.count > 0:
        prepared = _prepare_drops(keys, scenario, inputs.layout, servings)
        decisions = _decide_in_numpy(method, scenario, *jax.tree.map(np.asarray, prepared))
        check(decisions)
    summary, decided, sums = _run_drops(
        keys, scenario, inputs.layout, servings, decisions, rule=method
    )
    check(decided)
    # a limit per relay holds for the sum over its links
    if decided.powers_w is not None and scenario.power.limit == "relay":
        name = "the sum of powers_w over a relay's links"
        check_range(method, name, sums, (0.0, limit_w), "W")
    return summary


@jax.jit
def _prepare_drops(
    keys: Array, scenario: Scenario, layout: Any, servings: Serving | None
) -> tuple[Realisation, Bool[Array, "drops users"]]:
    """Draw drops with the channels as they are known, and find the users that guide placement."""

    def prepare(item: tuple[Array, Serving | None]) -> tuple[Realisation, Bool[Array, "users"]]:
        drop = sample_drop(item[0], scenario, scenario.users.count, layout, item[1]).show_known()
        return drop, select_needy(serve_drop(scenario, drop))

    return jax.lax.map(prepare, (keys, servings), batch_size=keys.shape[0])


@partial(jax.jit, static_argnames="rule")
def _run_drops(
    keys: Array,
    scenario: Scenario,
    layout: Any,
    servings: Serving | None,
    decisions: Decision | None,
    *,
    rule: DecisionRule,
) -> tuple[Summary, Decision, Float[Array, "drops relays"]]:
    """Evaluate drops; return results, decisions, and the largest sum of a relay's powers, W."""
    station = find_framework("uav-bs")

    def run(
        item: tuple[Array, Serving | None, Decision | None],
    ) -> tuple[Summary, Decision, Float[Array, "relays"]]:
        key, serving, decision = item
        drop = sample_drop(key, scenario, scenario.users.count, layout, serving)
        fixed = rule if decision is None else DecisionRule(rule.name, lambda _: decision)
        summary, detail = evaluate_drop(scenario, drop, fixed)
        if scenario.relay.count == 0:
            # without relays there is no decision, and `lax.map` cannot batch an empty array
            return summary, Decision(jnp.zeros((1, 2))), jnp.zeros(1)
        sums = detail.power.at[station].set(0.0).sum(axis=1).max(axis=0)
        return summary, jax.tree.map(jnp.asarray, detail.decision), sums

    return jax.lax.map(run, (keys, servings, decisions), batch_size=keys.shape[0])


def _decide_in_numpy(
    method: DecisionRule, scenario: Scenario, drops: Realisation, needy: Bool[np.ndarray, "_ _"]
) -> Decision:
    """Call a NumPy method drop by drop, and stack its decisions."""
    # one request per drop: positions, room and functions of the links
    decisions = []
    for number, users in enumerate(needy):
        drop = jax.tree.map(lambda values, number=number: values[number], drops)
        request = build_request(scenario, drop, users)._replace(
            power_limit_w=float(from_dbm(scenario.relay.power_dbm)),
            seed=int(drop.seed),
            rate=partial(_estimate_rate, scenario, drop),
            links=partial(_compute_links, scenario, drop),
        )
        decisions.append(ask_rule(method, request))
    return jax.tree.map(lambda *values: np.stack(values).astype(float), *decisions)


def _estimate_rate(scenario: Scenario, drop: Realisation, distance: Any) -> np.ndarray:
    return np.asarray(jax.jit(mean_rate)(scenario, drop, jnp.asarray(distance, float)))


def _compute_links(
    scenario: Scenario, drop: Realisation, positions_m: Any
) -> link_models.DropLinks:
    compute = jax.jit(link_models.compute_links)
    return jax.tree.map(np.asarray, compute(scenario, drop, jnp.asarray(positions_m, float)))
