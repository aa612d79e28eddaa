"""Objectives of the slices: throughput (20), delay (21), (23), coverage (25), (26), rewards.

The module also has the rewards (42) and (46), the score and the indicators of a slot.
"""

import jax.numpy as jnp

from sagin.constants import SPEED_OF_LIGHT
from sagin.slicing.energy import compute_power
from sagin.slicing.scenario import Scenario, sizes, slice_of
from sagin.slicing.state import Kpis, Layer, State
from sagin.traffic.md1 import waiting_time
from sagin.types import Array, Bool, Float
from sagin.units import from_db

Users = Float[Array, " users"]
Mask = Bool[Array, " users"]


def delays(scenario: Scenario, arrivals: Users, distance: Users, rate: Users) -> Users:
    """Return D = d/c + A/R + W of (21), s, of every user, at most the cap.

    W is the M/D/1 wait λ/(2μ(μ − λ)). The cap is also the delay of an unstable queue and of a rate
    of 0. As printed, W has λ² and can be negative.

    Args:
        scenario: the scenario.
        arrivals: A, packets, shape (users,).
        distance: d, m, shape (users,).
        rate: R, bit/s, shape (users,).
    """
    traffic = scenario.traffic
    bits, slot = jnp.asarray(traffic.packet_bits, float), jnp.asarray(traffic.slot_s, float)
    # users without a rate have the capped delay
    positive = rate > 0
    service = jnp.where(positive, rate, 1.0) / bits
    # propagation, service of the slot's packets, and waiting
    total = (
        distance / SPEED_OF_LIGHT
        + arrivals / service
        + waiting_time(traffic.packets_per_slot / slot, service)
    )
    cap = jnp.asarray(scenario.objectives.delay_limit_s, float)
    return jnp.where(positive, jnp.minimum(total, cap), cap)


def find_covered(scenario: Scenario, sinr: Float[Array, "..."]) -> Bool[Array, "..."]:
    """Return the mask of users whose SINR exceeds γ_th (25)."""
    return sinr > from_db(jnp.asarray(scenario.objectives.coverage_threshold_db, float))


def metrics(
    scenario: Scenario, among: Mask, rate: Users, delay: Users, sinr: Users
) -> tuple[Array, Array, Array]:
    """Return throughput of H, bit/s (20), mean delay of L, s (23), and coverage of C (26).

    They are computed over the users `among`: the sum of rates, the mean delay, and the covered
    share. Without any user they are 0, the cap of the delay, and 0.
    """
    slices = slice_of(scenario)
    cap = jnp.asarray(scenario.objectives.delay_limit_s, float)
    # slices H, L and C among the given users
    throughput = jnp.sum(jnp.where(among & (slices == 0), rate, 0.0))
    mean_delay = _mean(delay, among & (slices == 1), cap)
    return (
        throughput,
        mean_delay,
        _mean(
            jnp.where(find_covered(scenario, sinr), 1.0, 0.0), among & (slices == 2), jnp.zeros(())
        ),
    )


def _mean(values: Users, among: Mask, empty: Float[Array, ""]) -> Float[Array, ""]:
    count = jnp.sum(among)
    return jnp.where(
        count > 0, jnp.sum(jnp.where(among, values, 0.0)) / jnp.maximum(count, 1), empty
    )


def rewards(
    scenario: Scenario, state: State, first: Layer, second: Layer
) -> Float[Array, " agents"]:
    """Return the rewards (42), (46) of (1,H), (1,L), (1,C), (2,H), (2,L), (2,C).

    They are throughput over its reference, 1 − D/β, and coverage. Layer 1's own users are those
    whom base stations serve; layer 2's are all others (28) to (35). Throughput above the reference
    gives a reward above 1.
    """
    # layer 1 counts the users it serves, layer 2 the others
    members = (first.served, state.active & ~first.served)
    return jnp.concatenate(
        [
            reward_layer(scenario, state, layer, among)
            for layer, among in zip((first, second), members, strict=True)
        ]
    )


def reward_layer(
    scenario: Scenario, state: State, layer: Layer, members: Mask
) -> Float[Array, " agents"]:
    """Return the rewards of one layer's agents; `members` are the layer's own users."""
    among = state.active if scenario.objectives.reward == "all-users" else members
    return _normalise(scenario, *measure_layer(scenario, state, layer, among))


def measure_layer(
    scenario: Scenario, state: State, layer: Layer, among: Mask
) -> tuple[Array, Array, Array]:
    """Return the `metrics` of one layer (28) to (35)."""
    delay = delays(scenario, state.arrivals, layer.distance, layer.rate)
    return metrics(scenario, among, layer.rate, delay, layer.sinr)


def _normalise(
    scenario: Scenario, throughput: Array, delay: Array, coverage: Array
) -> Float[Array, "*slots 3"]:
    """Return R/reference, 1 − D/β and coverage."""
    settings = scenario.objectives
    reference = jnp.asarray(settings.throughput_reference_mbps, float) * 1e6
    terms = [throughput / reference, 1.0 - delay / settings.delay_limit_s, coverage]
    return jnp.stack(terms, axis=-1)


def kpis(
    scenario: Scenario, state: State, first: Layer, second: Layer, positions: Float[Array, "uavs 2"]
) -> Kpis:
    """Return the indicators of a slot over all users; `positions` are those of the UAVs, m.

    (36), the sum of the layers' mean delays and shares, is a further indicator.
    """
    size, active = sizes(scenario), state.active
    # a user is in one layer at most, so sums are its own values
    rate, sinr = first.rate + second.rate, first.sinr + second.sinr
    delay = delays(scenario, state.arrivals, first.distance + second.distance, rate)
    throughput, mean_delay, coverage = metrics(scenario, active, rate, delay, sinr)

    # indicators of each layer over its own users
    members = (first.served, active & ~first.served)
    layers = [
        measure_layer(scenario, state, layer, among)
        for layer, among in zip((first, second), members, strict=True)
    ]

    def share(among: Mask, users: Mask = active) -> Float[Array, ""]:
        return _mean(jnp.where(among, 1.0, 0.0), users, jnp.zeros(()))

    return Kpis(
        throughput=throughput,
        delay=mean_delay,
        delays=jnp.where(active & (slice_of(scenario) == 1), delay, 0.0),
        coverage=coverage,
        load_base=first.load,
        load_uav=second.load[: size.V],
        load_satellite=second.load[size.V :],
        offloaded=share(first.refused),
        unserved=share(~first.served & ~second.served),
        collided=share(first.collided | second.collided),
        users=jnp.sum(active),
        total_rate=jnp.sum(rate),
        power=compute_power(scenario, state, first, second, positions),
        layer_delays=jnp.stack([layer[1] for layer in layers]),
        layer_coverages=jnp.stack([layer[2] for layer in layers]),
        access=jnp.stack(
            [share(second.served, active & (slice_of(scenario) == row)) for row in range(3)]
        ),
    )


def normalise_terms(scenario: Scenario, kpis: Kpis) -> Float[Array, "*slots 3"]:
    """Return the slices' terms: throughput over its reference, 1 − D/β, coverage.

    They are normalised like the rewards, over all users. Each is a sum over the slice's users, 0
    for a user who is not served: R/reference, (1 − D/β)/K_L, [SINR > γ_th]/K_C.
    """
    return _normalise(scenario, kpis.throughput, kpis.delay, kpis.coverage)


def score(scenario: Scenario, kpis: Kpis) -> Float[Array, "*slots"]:
    """Return the score of a slot: the sum of its three normalised terms.

    The planner maximises this score, and it ranks every method.
    """
    return jnp.sum(normalise_terms(scenario, kpis), axis=-1)
