"""The sparse plan: SINR and stability compared with loops, limits, priority, and its command."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

from sagin.cli.main import run
from sagin.planning.sparse import is_dense, plan_sparse, widen
from sagin.slicing import links
from sagin.slicing.scenario import build_scenario, sizes, slice_sizes

CITY = ("uavs.capacity=12", "base_stations.capacity=6", "radio.subcarriers=10")


@pytest.fixture(scope="module")
def town():
    return widen(build_scenario("town", CITY), 400)


def test_users_are_shared_as_before(town):
    assert slice_sizes(town) == (133, 134, 133)
    assert is_dense(town)
    assert not is_dense(widen(town, 100_000))


def test_the_plan_is_what_loops_find(town):
    plan, size = plan_sparse(town, 0), sizes(town)
    served = plan.node >= 0
    assert plan.load[: size.M].max() <= 6
    assert plan.load[size.M : size.M + size.V].max() <= 12
    assert np.array_equal(np.bincount(plan.node[served], minlength=13), plan.load)
    assert served.sum() == plan.load.sum() > 100
    # slice H first at the base stations
    ground = (plan.node >= 0) & (plan.node < size.M)
    assert set(plan.slices[ground]) == {0}
    power = np.array([10**1.3] * 8 + [10**0.3] * 3 + [10**1.7] * 2)
    gains = [
        links.base_path_gain(town, jnp.asarray(plan.users_m)),
        links.uav_path_gain(town, jnp.asarray(plan.users_m), jnp.asarray(plan.uav_positions_m)),
        links.satellite_gains(town),
    ]
    noise, kinds = float(links.noise_power(town)), [0] * 8 + [1] * 3 + [2] * 2
    gain = np.concatenate([np.asarray(part, float) for part in gains], axis=1)
    for user in np.flatnonzero(served)[::7]:
        own = plan.node[user]
        others = sum(
            power[node] / 10 * gain[user, node]
            for node in range(13)
            if node != own and kinds[node] == kinds[own] and plan.load[node]
        )
        share = power[own] / plan.load[own]
        others += max(power[own] / 10 - share, 0.0) * gain[user, own]
        assert plan.sinr[user] == pytest.approx(
            share * gain[user, own] / (others + noise), rel=1e-4
        )
        assert plan.rate[user] == pytest.approx(2e6 * np.log2(1 + plan.sinr[user]), rel=1e-6)
    assert plan.terms[0] == pytest.approx(plan.rate[plan.slices == 0].sum())


def test_without_the_priority_no_user_and_node_prefer_each_other(town):
    plan, size = plan_sparse(town, 1, respect_priority=False), sizes(town)
    gain = np.asarray(links.base_path_gain(town, jnp.asarray(plan.users_m)), float)
    noise = float(links.noise_power(town))
    received = 10**1.3 / 10 * gain
    ratio = received / (received.sum(axis=1, keepdims=True) - received + noise)
    node = np.where(plan.node < size.M, plan.node, -1)
    for user in range(len(node)):
        for other in range(size.M):
            has = ratio[user, node[user]] if node[user] >= 0 else 0.0
            kept = ratio[node == other, other]
            is_wanted = len(kept) < 6 or ratio[user, other] > kept.min() * (1 + 1e-6)
            assert not (ratio[user, other] > has * (1 + 1e-6) and is_wanted)


def test_the_command_takes_the_sparse_form_by_itself(tmp_path, capsys):
    command = ["plan", "town", "--users", "4000", "--out", str(tmp_path), "--json", "-q"]
    assert run(command) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["form"].startswith("sparse")
    assert content["users"] == 4000
    # 8 cells of 28, 3 UAVs of 25, and up to 2 satellites of 15
    assert 8 * 28 + 3 * 25 <= content["served"] <= 8 * 28 + 3 * 25 + 30
    assert len((tmp_path / "users.csv").read_text().splitlines()) == 4001
    assert run([*command, "--min-coverage", "50"]) == 2
    assert "--min-coverage 50.0: not possible with 4000 users" in capsys.readouterr().err
