"""Laws of a slot: constraints, bounds, order of users, batches, long episodes, gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagin.geometry.spacing import minimum_distance
from sagin.slicing import actions as edge
from sagin.slicing import layers, step
from sagin.slicing.scenario import build_scenario
from sagin.slicing.state import Actions

run = jax.jit(step.step)
draw = jax.jit(lambda key, scenario: (step.reset(key, scenario), edge.draw_actions(key, scenario)))
USER_FIELDS = ("user_positions", "active", "base_draws", "uav_draws", "arrivals", "tiebreak")
SCENARIO = build_scenario(
    "paper",
    ("base_stations.capacity=4", "uavs.capacity=3", "satellites.capacity=2", "uavs.spacing_m=900"),
)


def power_sums(layer, nodes):
    return [
        float(np.asarray(layer.power, float)[np.asarray(layer.node) == i].sum())
        for i in range(nodes)
    ]


@pytest.mark.parametrize("rule", ["priority", "uniform", "none"])
@given(seed=st.integers(0, 2**30), counts=st.tuples(*[st.integers(0, 10)] * 3))
@settings(max_examples=12)
def test_constraints_hold(rule, seed, counts):
    scenario = build_scenario(
        "paper",
        (
            f"balancing.rule={rule}",
            "base_stations.capacity=4",
            "uavs.capacity=3",
            "uavs.spacing_m=900",
        ),
    )
    state, actions = draw(jax.random.key(seed), scenario)
    active = jnp.concatenate([jnp.arange(10) < count for count in counts])
    found = jax.tree.map(
        np.asarray, run(jax.random.key(seed), scenario, state._replace(active=active), actions)[1]
    )
    first, second = found.terrestrial, found.non_terrestrial
    assert not np.any(first.served & second.served)
    assert not np.any((first.served | second.served) & ~np.asarray(active))
    for layer, budgets in ((first, [10.0, 10.0]), (second, [100.0, 100.0, 1000.0])):
        assert np.array_equal(layer.served, layer.node >= 0)
        assert np.array_equal(layer.served, layer.subcarrier >= 0)
        assert np.all(layer.power >= 0.0)
        assert all(
            total <= budget * (1 + 1e-6)
            for total, budget in zip(power_sums(layer, len(budgets)), budgets, strict=True)
        )
        assert np.all(layer.rate <= 3e6 * np.log2(1.0 + np.asarray(layer.sinr, float)) * (1 + 1e-5))
        assert not np.any(layer.refused & layer.served)
    assert found.kpis.throughput <= 3e6 * np.log2(
        1.0 + (first.sinr + second.sinr)[:10].astype(float)
    ).sum() * (1 + 1e-5)
    if rule == "none":
        assert not first.refused.any()
        assert not second.refused.any()
    else:
        assert first.load.max() <= 4
        assert second.load[:2].max() <= 3
    assert float(minimum_distance(jnp.asarray(found.uav_positions))) >= 900.0
    assert np.all((found.uav_positions >= 0.0) & (found.uav_positions <= 3000.0))


@given(seed=st.integers(0, 2**30), removed=st.integers(0, 29))
def test_an_interferer_less_lowers_nobodys_sinr(seed, removed):
    scenario = build_scenario("paper", ("radio.subcarriers=3",))
    before, after = _with_and_without(jax.random.key(seed), scenario, removed)
    assert np.all(np.delete(np.asarray(after), removed) >= np.delete(np.asarray(before), removed))


@jax.jit
def _with_and_without(key, scenario, removed):
    state, actions = step.reset(key, scenario), edge.draw_actions(key, scenario)
    claim = layers.round_claims(scenario, actions.non_terrestrial, state.active)
    places = actions.non_terrestrial.positions[0] * 3000.0
    gain = layers.links.non_terrestrial_gain(scenario, state, places, claim.subcarrier)
    nodes = layers.LayerNodes(jnp.ones(3), gain, gain, 2)
    fewer = claim.complete & (jnp.arange(30) != removed)
    return tuple(
        layers._sinr(scenario, claim, served, nodes, claim.power)
        for served in (claim.complete, fewer)
    )


@given(seed=st.integers(0, 2**30))
@settings(max_examples=10)
def test_the_order_of_users_within_a_slice_is_free(seed):
    state, actions = draw(jax.random.key(seed), SCENARIO)
    rng = np.random.default_rng(seed)
    order = np.concatenate([start + rng.permutation(10) for start in (0, 10, 20)])
    mixed = state._replace(**{name: getattr(state, name)[order] for name in USER_FIELDS})
    swapped = Actions(
        *(
            layer._replace(
                **{n: getattr(layer, n)[order] for n in ("association", "subcarrier", "power")}
            )
            for layer in actions
        )
    )
    key = jax.random.key(0)
    one, other = run(key, SCENARIO, state, actions)[1], run(key, SCENARIO, mixed, swapped)[1]
    np.testing.assert_allclose(other.rewards, one.rewards, rtol=1e-5, atol=1e-6)
    for name in ("node", "subcarrier", "served", "refused", "load"):
        for first, second in zip(one[:2], other[:2], strict=True):
            was = np.asarray(getattr(first, name))
            assert np.array_equal(was if name == "load" else was[order], getattr(second, name))
    np.testing.assert_allclose(
        np.asarray(other.terrestrial.sinr), np.asarray(one.terrestrial.sinr)[order], rtol=1e-5
    )


def test_results_do_not_depend_on_the_batch():
    keys = jax.random.split(jax.random.key(4), 7)

    def slot(key):
        state, actions = step.reset(key, SCENARIO), edge.draw_actions(key, SCENARIO)
        return step.step(key, SCENARIO, state, actions)

    together, alone = jax.jit(jax.vmap(slot))(keys), jax.jit(slot)
    for row in range(0, 7, 3):
        one = alone(keys[row])
        jax.tree.map(
            lambda many, single, row=row: np.testing.assert_allclose(
                many[row], single, rtol=1e-5, atol=1e-6
            ),
            together,
            one,
        )


def test_users_beyond_the_counts_change_nothing_for_the_others():
    state, actions = draw(jax.random.key(0), build_scenario("paper"))
    active = jnp.arange(30) % 10 < 6
    key, scenario = jax.random.key(1), build_scenario("paper")
    few = run(key, scenario, state._replace(active=active), actions)[1]
    keep = active[:, None]
    zeroed = actions._replace(
        terrestrial=actions.terrestrial._replace(association=actions.terrestrial.association * keep)
    )
    zeroed = zeroed._replace(
        non_terrestrial=actions.non_terrestrial._replace(
            association=actions.non_terrestrial.association * keep
        )
    )
    silent = run(key, scenario, state, zeroed)[1]
    assert jnp.array_equal(few.terrestrial.sinr, silent.terrestrial.sinr)
    assert jnp.array_equal(few.non_terrestrial.sinr, silent.non_terrestrial.sinr)


@pytest.mark.parametrize("kind", ["random", "zeros", "ones"])
def test_ten_thousand_slots_without_a_nan(kind):
    @jax.jit
    def episode(key):
        def slot(state, key):
            act_key, key = jax.random.split(key)
            actions = edge.draw_actions(act_key, SCENARIO)
            if kind != "random":
                actions = jax.tree.map(lambda x: jnp.full_like(x, float(kind == "ones")), actions)
            state, found = step.step(key, SCENARIO, state, actions)
            good = jnp.all(
                jnp.asarray([jnp.all(jnp.isfinite(x)) for x in jax.tree.leaves((state, found))])
            )
            inside = jnp.all((state.user_positions >= 0.0) & (state.user_positions <= 3000.0))
            return state, (
                good & inside,
                minimum_distance(found.uav_positions),
                found.kpis.throughput,
            )

        return jax.lax.scan(slot, step.reset(key, SCENARIO), jax.random.split(key, 10_000))

    state, (good, apart, throughput) = episode(jax.random.key(0))
    assert int(state.slot) == 10_000
    assert bool(jnp.all(good))
    assert float(apart.min()) >= 900.0
    assert bool(jnp.all(throughput == 0.0)) == (kind == "zeros")


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("what", ["power", "positions", "base-power"])
def test_gradients_are_those_of_finite_differences(what):
    scenario = build_scenario("paper", ("balancing.rule=none", "objectives.reward=all-users"))
    state, actions = draw(jax.random.key(2), scenario)
    first, second = actions

    def rates(x):
        if what == "power":
            changed = Actions(first, second._replace(power=x))
        elif what == "positions":
            changed = Actions(first, second._replace(positions=x))
        else:
            changed = Actions(first._replace(power=x), second)
        found = step.step(jax.random.key(0), scenario, state, changed)[1]
        return jnp.sum(found.terrestrial.rate + found.non_terrestrial.rate) / 1e6

    start = {"power": second.power, "positions": second.positions, "base-power": first.power}[
        what
    ] * 0.9 + 0.05
    slope = np.asarray(jax.jit(jax.grad(rates))(start)).ravel()
    value, small = jax.jit(rates), 1e-6
    flat = np.asarray(start).ravel()
    for i in np.argsort(-np.abs(slope))[:6]:
        up, down = (
            value(
                jnp.asarray(
                    (flat + sign * small * (np.arange(flat.size) == i)).reshape(start.shape)
                )
            )
            for sign in (1, -1)
        )
        assert slope[i] == pytest.approx(float(up - down) / (2 * small), rel=1e-4, abs=1e-6)
    assert np.abs(slope).max() > 0.0


def test_gradients_are_finite_where_uavs_are_pushed_apart_and_users_stand_at_a_node():
    scenario = build_scenario("paper", ("uavs.altitude_m=0",))
    state, actions = draw(jax.random.key(0), scenario)
    state = state._replace(user_positions=jnp.full((30, 2), 1000.0))

    def reward(actions):
        return step.step(jax.random.key(0), scenario, state, actions)[1].rewards.sum()

    middle = actions._replace(
        non_terrestrial=actions.non_terrestrial._replace(positions=jnp.full((3, 2, 2), 1.0 / 3.0))
    )
    slopes = jax.jit(jax.grad(reward))(middle)
    assert all(bool(jnp.all(jnp.isfinite(x))) for x in jax.tree.leaves(slopes))


def test_an_action_changes_the_allocation():
    state, actions = draw(jax.random.key(0), SCENARIO)
    none = jax.tree.map(jnp.zeros_like, actions)
    assert int(run(jax.random.key(0), SCENARIO, state, none)[1].terrestrial.load.sum()) == 0
    assert int(run(jax.random.key(0), SCENARIO, state, actions)[1].terrestrial.load.sum()) > 0
