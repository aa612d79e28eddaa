"""Options beyond the paper compared with the oracle and their laws."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError, ScenarioError
from sagin.parameters import to_mapping
from sagin.planning.planner import make_plan
from sagin.policies.table import POLICIES
from sagin.slicing.csi import PILOTS, see_channels
from sagin.slicing.draws import uniforms, user_rows
from sagin.slicing.evaluation import begin_run, play_slot
from sagin.slicing.fading import normal_part, rayleigh_power
from sagin.slicing.game import SlicingGame, Turn
from sagin.slicing.large import Counts, large_slot
from sagin.slicing.objectives import delays
from sagin.slicing.queue import carry_backlog
from sagin.slicing.scenario import build_scenario, slice_of
from sagin.slicing.step import advance, reset
from sagin.traffic.md1 import waiting_time

from oracle import slicing as oracle

VARIANCE = 0.3
SCHEDULES = ((10, 4), (3, 10, 6), ())
ALL = build_scenario(
    "paper",
    (
        "traffic.queue=carried",
        "traffic.packet_bits=20000",
        f"csi.error_variance={VARIANCE}",
        "schedule.high_throughput=[10, 4]",
        "schedule.low_delay=[3, 10, 6]",
        "schedule.step_slots=2",
        "radio.interference=other-nodes",
        "radio.subcarriers=3",
        "uavs.speed_m_s=300",
    ),
)
KEY = jax.random.key(11)


def list_present(slot):
    """Who is present in a slot, by the oracle."""
    return [oracle.present(SCHEDULES[s], 2, slot, k) for s in range(3) for k in range(10)]


def test_a_run_with_all_options_agrees_with_the_oracle(numbers, draw, plain_slot, run):
    n, (state, actions, _, plain) = numbers(ALL), draw(ALL, 5)
    carried = []
    for slot in range(6):
        assert state.active.tolist() == list_present(slot)
        key = jax.random.fold_in(KEY, slot)
        after, found = run(key, ALL, state, actions)
        drop, places = plain_slot(state, slice_of(ALL)), found.uav_positions.tolist()
        expected = oracle.slot(n, drop, plain, places)
        for name in ("throughput", "delay", "coverage"):
            np.testing.assert_allclose(getattr(found.kpis, name), expected[name], rtol=2e-4)
        power = oracle.slot_power(n, expected, np.asarray(state.uav_positions).tolist(), places)
        assert float(found.kpis.power) == pytest.approx(power, rel=1e-4)
        rates = expected["first"]["rate"] | expected["second"]["rate"]
        assert float(found.kpis.total_rate) == pytest.approx(sum(rates.values()), rel=2e-4)
        stays = list_present(slot + 1)
        for k in range(30):
            queued, had = float(state.arrivals[k]), float(state.backlog[k])
            left = oracle.left_over(n, queued, had, rates.get(k, 0.0)) if stays[k] else 0.0
            assert float(after.backlog[k]) == pytest.approx(left, rel=1e-4, abs=1e-3)
            carried.append(left)
        state = after
    assert max(carried) > 50.0, "a queue lasts"


def test_estimates_are_the_oracles(draw):
    state = draw(ALL, 2)[0]
    after = jax.jit(advance)(KEY, ALL, state)
    rows, (users, stations, subcarriers) = user_rows(ALL), after.base_draws.shape
    pilots = uniforms(jax.random.fold_in(KEY, PILOTS), rows, (stations + 2) * subcarriers * 2)
    noise = np.asarray(normal_part(pilots), float).reshape(users, -1, subcarriers, 2)
    noise = noise[..., 0] + 1j * noise[..., 1]
    amplitude = np.sqrt(-np.log(np.asarray(after.base_draws, float)))
    parts = np.asarray(normal_part(jnp.asarray(after.uav_draws)), float)
    base, uav = after.estimate
    for k, i, c in np.ndindex(users, 2, subcarriers):
        seen = oracle.estimate(amplitude[k, i, c], noise[k, i, c], VARIANCE)
        assert -math.log(base[k, i, c]) == pytest.approx(abs(seen) ** 2, rel=1e-3, abs=1e-5)
        scatter = complex(*parts[k, i, c])
        seen = oracle.estimate(scatter, noise[k, stations + i, c], VARIANCE)
        found = complex(*np.asarray(normal_part(jnp.asarray(uav[k, i, c]))))
        assert found == pytest.approx(seen, abs=2e-3)
    power = rayleigh_power(jnp.asarray(base)[..., None])
    assert float(power.mean()) == pytest.approx(1.0, abs=4.0 / math.sqrt(power.size))


def test_decisions_see_the_estimate_alone(draw):
    state = draw(ALL, 3)[0]
    other = state._replace(base_draws=1.0 - state.base_draws, uav_draws=1.0 - state.uav_draws)
    greedy = jax.jit(lambda state: play_slot(KEY, ALL, POLICIES["greedy"], state)[1])
    game = SlicingGame(ALL)
    one, two = greedy(state), greedy(other)
    for layer in ("terrestrial", "non_terrestrial"):
        first, second = getattr(one, layer), getattr(two, layer)
        assert first.node.tolist() == second.node.tolist()
        assert first.subcarrier.tolist() == second.subcarrier.tolist()
    assert one.kpis.throughput != two.kpis.throughput
    for stage in range(2):
        seen = [game.observe(Turn(each), stage) for each in (state, other)]
        assert all(jnp.array_equal(seen[0][agent], seen[1][agent]) for agent in seen[0])
    assert jnp.array_equal(*(game.global_state(Turn(each)) for each in (state, other)))


@pytest.mark.slow
def test_the_planner_sees_the_estimate_and_is_told_the_truth():
    scenario = build_scenario("small", (f"csi.error_variance={VARIANCE}",))
    state = reset(KEY, scenario)
    other = state._replace(base_draws=1.0 - state.base_draws)
    plans = [make_plan(scenario, each, restarts=1) for each in (state, other)]
    assert jnp.array_equal(plans[0].allocation.node, plans[1].allocation.node)
    assert plans[0].worth != plans[1].worth
    seen = make_plan(scenario, see_channels(state), restarts=1)
    assert jnp.array_equal(seen.allocation.power, plans[0].allocation.power)


def test_an_empty_queue_changes_no_bit_and_no_error_no_program():
    plain, scenario = build_scenario("small"), build_scenario("small", ("traffic.queue=carried",))
    exact = build_scenario("small", ("csi.error_variance=0",))
    assert jax.tree.structure(exact) == jax.tree.structure(plain)
    assert to_mapping(exact) == to_mapping(plain)
    assert not {"schedule", "csi", "flight"} & set(to_mapping(plain))
    rule = POLICIES["random"]
    run = jax.jit(lambda key, scenario: play_slot(key, scenario, rule, begin_run(key, scenario)))
    one, two = run(KEY, plain), run(KEY, scenario)
    for name in type(one[1].kpis)._fields:
        assert jnp.array_equal(getattr(one[1].kpis, name), getattr(two[1].kpis, name)), name
    assert jnp.array_equal(one[0].base_draws, two[0].base_draws)


def test_a_schedule_changes_no_draw():
    plain = build_scenario("paper")
    scenario = build_scenario("paper", ("schedule.low_delay=[0, 10]",))
    one, two = reset(KEY, plain), reset(KEY, scenario)
    for _ in range(2):
        assert jnp.array_equal(one.base_draws, two.base_draws)
        assert jnp.array_equal(one.user_positions, two.user_positions)
        assert jnp.array_equal(jnp.where(two.active, one.arrivals, 0.0), two.arrivals)
        one, two = advance(KEY, plain, one), advance(KEY, scenario, two)
    assert int(reset(KEY, scenario).active.sum()) == 20
    assert int(reset(KEY, scenario, np.array([4, 4, 4])).active.sum()) == 8
    assert one.active.tolist() == [True] * 30


def test_at_a_fixed_rate_the_mean_wait_is_that_of_the_md1_queue():
    """One user of L on a satellite, which does not fade, nine tenths loaded."""
    fields = ("users.high_throughput=0", "users.low_delay=1", "users.wide_coverage=0")
    fields += ("uavs.count=0", "base_stations.positions_m=[]", "traffic.queue=carried")
    rate = 8e6
    bits = 0.9 * rate * 0.1 / 50.0
    fields += ("objectives.delay_limit_s=1", f"traffic.packet_bits={bits}")
    scenario = build_scenario("small", fields)
    state, waits = reset(KEY, scenario), []
    for slot in range(40):
        backlog = carry_backlog(scenario, state, jnp.asarray([rate]))
        found = delays(scenario, state.arrivals, jnp.zeros(1), jnp.asarray([rate]))
        waits.append(float(found[0] - state.arrivals[0] * bits / rate))
        state = advance(jax.random.fold_in(KEY, slot), scenario, state._replace(backlog=backlog))
    wait = float(waiting_time(500.0, rate / bits))
    assert np.mean(waits) == pytest.approx(wait, rel=1e-3)
    # an overloaded slot begins a queue, which a later one works off
    slow = carry_backlog(scenario, state._replace(arrivals=jnp.asarray([60.0])), jnp.zeros(1))
    assert float(slow[0]) == 60.0
    queued = state._replace(arrivals=slow + 50.0, backlog=slow)
    after = carry_backlog(scenario, queued, jnp.asarray([rate]))
    assert float(after[0]) == pytest.approx(60.0 + 50.0 - 50.0 / 0.9, rel=1e-5)


def test_uavs_that_hover_have_the_power_of_hovering(draw, run):
    state, actions, _, _ = draw(build_scenario("paper"), 1)
    found = run(KEY, build_scenario("paper"), state, actions)[1]
    radiated = float(found.terrestrial.power.sum() + found.non_terrestrial.power.sum())
    assert float(found.kpis.power) - radiated == pytest.approx(2 * 168.4842, rel=1e-4)


def test_wrong_schedules_and_options_of_single_slots_are_refused():
    for field, text in (
        ("schedule.low_delay=[11]", "at most users.low_delay = 10 in each step"),
        ("schedule.low_delay=[-1]", "schedule.low_delay"),
        ("csi.error_variance=1.5", "0 to 1"),
    ):
        with pytest.raises(ScenarioError, match=text):
            build_scenario("paper", (field,))
    for field in ("csi.error_variance=0.1", "traffic.queue=carried", "schedule.low_delay=[1]"):
        scenario = build_scenario("paper", (field,))
        with pytest.raises(InputError, match="is not allowed"):
            large_slot(KEY, scenario, Counts(2, 2, 2, 2, 1, 1))
    assert slice_of(ALL).shape == (30,)
