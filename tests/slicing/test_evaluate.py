"""Runs of policies: independent of how they are divided, with laws that hold in every slot."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.parameters import vary_fields
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import begin_run, evaluate, map_runs, play
from sagin.slicing.policy import switch_policies
from sagin.slicing.scenario import build_scenario, check_scenario
from sagin.studies.statistics import sample_interval

KEY = jax.random.key(1)
SMALL = build_scenario("small")


@pytest.fixture(scope="module", params=["priority", "none"])
def ruled(request):
    """A balancing rule, and runs under it of any policy by its place; one program for all."""
    scenario, rows = (
        vary_fields(SMALL, (f"balancing.rule={request.param}",), check_scenario),
        list(POLICIES.values()),
    )
    return request.param, jax.jit(
        lambda place: evaluate(KEY, scenario, switch_policies(rows, place), 30, (2, 1, 2))
    )


@pytest.mark.parametrize("place", range(len(POLICIES)), ids=list(POLICIES))
def test_what_holds_in_every_slot(place, ruled):
    rule, run = ruled
    found = run(place)
    loads = (
        found.load_base.sum(axis=1) + found.load_uav.sum(axis=1) + found.load_satellite.sum(axis=1)
    )
    assert set(found.users.tolist()) == {5}
    assert loads + 5 * found.unserved == pytest.approx(np.full(30, 5.0))
    assert jnp.all(found.collided == 0)
    assert found.load_base.max() <= 2 if rule == "priority" else jnp.all(found.offloaded == 0)
    assert found.delay == pytest.approx(np.asarray(found.delays.sum(axis=1)))
    assert jnp.all((found.throughput >= 0) & (found.coverage <= 1) & (found.delay <= 0.1))


def test_blocks_of_runs_are_the_runs_side_by_side():
    def run(number, word):
        return number * 2, word + number

    numbers, words = jnp.arange(72), jnp.arange(72, dtype=float)
    found, text = (
        jax.jit(partial(map_runs, run))(numbers, words),
        str(jax.make_jaxpr(partial(map_runs, run))(numbers, words)),
    )
    np.testing.assert_array_equal(found[0], 2 * np.arange(72))
    np.testing.assert_array_equal(found[1], 2.0 * np.arange(72))
    # 72 runs are 6 blocks of 12
    assert "length=6" in text


def test_a_run_is_the_same_in_pieces_and_in_a_batch():
    go = jax.jit(partial(play, scenario=SMALL, policy=POLICIES["random"]), static_argnames="slots")
    state = begin_run(KEY, SMALL)
    whole = go(KEY, state=state, slots=10)[1]
    middle, first = go(KEY, state=state, slots=4)
    last = go(KEY, state=middle, slots=6)[1]
    joined = jax.tree.map(lambda *parts: jnp.concatenate(parts), first, last)
    assert jax.tree.all(jax.tree.map(lambda a, b: jnp.allclose(a, b, rtol=1e-5), whole, joined))
    batch = jax.vmap(lambda key: evaluate(key, SMALL, POLICIES["random"], 10))(
        jax.random.split(KEY, 3)
    )
    one = evaluate(jax.random.split(KEY, 3)[2], SMALL, POLICIES["random"], 10)
    assert jax.tree.all(
        jax.tree.map(lambda many, single: jnp.allclose(many[2], single, rtol=1e-4), batch, one)
    )


def test_students_interval_covers():
    generator = np.random.default_rng(0)
    hits = [
        one.low <= 0 <= one.high
        for one in (sample_interval(generator.normal(size=5).tolist()) for _ in range(4000))
    ]
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / 4000) ** 0.5)
