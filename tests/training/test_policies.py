"""Trained policies: in the simulator, on NumPy vectors, and from Python."""

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.errors import InputError, StoreError
from sagin.files import lock_folder
from sagin.learning import checkpoint
from sagin.learning.evaluation import play_slots
from sagin.learning.learners import LEARNERS
from sagin.learning.play import Arena
from sagin.learning.settings import make_settings
from sagin.learning.stage import list_stages, stack_vectors
from sagin.methods.play import make_run_keys
from sagin.parameters import vary_fields
from sagin.slicing.evaluation import evaluate
from sagin.slicing.game import SlicingGame
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import Scenario, check_scenario, resize_slices
from sagin.training import policy as policies
from sagin.training import run as runs
from sagin.training import train
from sagin.training.policy import load_numpy_policy, load_policy, read_actors
from sagin.training.run import CHECKPOINT, POLICY, TrainingRun
from training.small_runs import SMALL, TINY, TRANSFER, same


def test_a_policy_loads_and_acts_on_numpy(whole, tmp_path):
    policy = load_numpy_policy(whole / "seed-0")
    game = SMALL.task.game
    for number, stage in enumerate(list_stages(game)):
        seen = {
            agent: np.random.default_rng(number).normal(size=size)
            for agent, size in zip(stage.agents, stage.observed, strict=True)
        }
        acted = policy.act(seen)
        assert {agent: action.shape for agent, action in acted.items()} == {
            agent: (game.action_size[agent],) for agent in stage.agents
        }
        assert all(
            isinstance(action, np.ndarray) and action.min() >= 0 and action.max() <= 1
            for action in acted.values()
        )
        for wrong in ({}, {stage.agents[0]: seen[stage.agents[0]]}, seen | {"nobody": np.zeros(3)}):
            with pytest.raises(InputError, match="allowed: all agents of one stage"):
                policy.act(wrong)
        for shape in ((1,), (1, stage.observed[0]), ()):
            with pytest.raises(InputError, match=f"observation of {stage.agents[0]}"):
                policy.act(seen | {stage.agents[0]: np.zeros(shape)})
        moved = tmp_path / "elsewhere.sagin"
        shutil.copy(whole / "seed-0" / POLICY, moved)
        again = load_numpy_policy(str(moved)).act(seen)
        assert all((again[agent] == acted[agent]).all() for agent in stage.agents)
    with pytest.raises(StoreError, match="contains no policy"):
        load_numpy_policy(whole / "seed-0" / CHECKPOINT)
    with pytest.raises(StoreError, match=r"policy\.sagin: cannot be read"):
        load_numpy_policy(tmp_path)


def test_a_trained_folder_is_a_policy_of_the_simulator(whole):
    policy, key = load_policy(whole), make_run_keys(5, 1)[0]
    actors = read_actors(SMALL, whole / "seed-0" / POLICY)
    game = SMALL.task.game
    choose = LEARNERS["maddpg"].act(game, SMALL.settings, actors)

    def both(key):
        simulated = evaluate(key, SMALL.scenario, policy, 3)
        return simulated, play_slots(key, Arena(game), choose, 3)[1]

    simulated, played = jax.jit(both)(key)
    assert float(played.throughput.max()) > 0
    for name in ("throughput", "delay", "coverage"):
        one, two = getattr(simulated, name), getattr(played, name)
        assert np.asarray(one) == pytest.approx(np.asarray(two), rel=1e-5)


def store_policy(folder: Path, algorithm: str, *settings: str) -> Path:
    """Write a policy whose weights are all 0."""
    run = TrainingRun(SMALL.scenario, algorithm, make_settings((*TINY, *settings)), 100)
    state = jax.eval_shape(runs.compile_run(run.task).start, jax.random.key(0))
    actors = tuple(stage.actors for stage in state.learned)
    zeros = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), actors)
    checkpoint.save(folder / POLICY, zeros, {"plan": run.to_plain()})
    return folder


def test_a_policy_says_which_sizes_and_layers_it_is_for(tmp_path):
    larger, key = resize_slices(SMALL.scenario, (5, 5, 5)), jax.random.key(0)

    def simulate(policy: Policy, scenario: Scenario = larger):
        return jax.eval_shape(lambda key: evaluate(key, scenario, policy, 2), key)

    fixed = load_policy(store_policy(tmp_path / "fixed", "two-layer-maddpg"))
    with pytest.raises(InputError, match=r"networks of a fixed size, .* not 5, 5, 5") as error:
        simulate(fixed)
    assert "\n" not in str(error.value)
    shared = load_policy(
        store_policy(tmp_path / "shared", "two-layer-mappo", "network.kind=shared")
    )
    assert simulate(shared).throughput.shape == (2,)
    wider = vary_fields(SMALL.scenario, ("uavs.count=3",), check_scenario)
    with pytest.raises(InputError, match=r"trained with .* base stations"):
        simulate(shared, wider)
    with pytest.raises(InputError, match="the layers of mappo act at once"):
        load_policy(store_policy(tmp_path / "at once", "mappo"))
    load_numpy_policy(tmp_path / "at once")


def test_training_from_python_writes_what_a_run_writes(whole, tmp_path):
    folder = tmp_path / "run"
    amounts = {"iterations": 400, "seed": 5, "evaluate_every": 100, "checkpoint_every": 200}
    assert train("small", folder, overrides=TRANSFER, settings=TINY, **amounts) == folder
    same(folder / "seed-0", whole / "seed-0")
    assert runs.read_run(folder) == (SMALL, 1)
    with pytest.raises(InputError, match="holds a training run already"):
        train("small", folder, overrides=TRANSFER, settings=TINY, **amounts)
    with lock_folder(folder), pytest.raises(StoreError, match="another process writes"):
        train("small", folder, overrides=TRANSFER, settings=TINY, resume=True, **amounts)
    with pytest.raises(InputError, match="allowed: two-layer-maddpg"):
        train("small", folder, algorithm="sarsa")
    with pytest.raises(InputError, match="iterations: 0"):
        train("small", folder, iterations=0)


def test_learners_are_tested_on_the_same_slots_as_other_policies():
    game, keys = SlicingGame(SMALL.scenario), make_run_keys(5, 2)
    rng = np.random.default_rng(0)
    vectors = {
        agent: jnp.asarray(rng.random(size), jnp.float32)
        for agent, size in game.action_size.items()
    }
    chosen = game.to_actions(vectors)
    fixed = Policy("fixed", "", lambda *_: chosen.terrestrial, lambda *_: chosen.non_terrestrial)

    def choose(_key, number, _seen):
        return stack_vectors(vectors, list_stages(game)[number].agents), None

    def both(key):
        return evaluate(key, SMALL.scenario, fixed, 3), play_slots(key, Arena(game), choose, 3)[1]

    one, two = jax.jit(jax.vmap(both))(keys)
    assert float(one.throughput.max()) > 0
    assert jax.tree.all(jax.tree.map(lambda a, b: bool(jnp.allclose(a, b, rtol=1e-5)), one, two))


AS_USERS = """
import sys
from pathlib import Path

from training.small_runs import SMALL, interrupt_after
from sagin.training.policy import read_actors
from sagin.training.run import POLICY
from sagin.training.seed import SeedTraining

folder = Path(sys.argv[1])
try:
    SeedTraining(SMALL, 0, folder).train(interrupt_after(1))
except KeyboardInterrupt:
    print(SeedTraining(SMALL, 0, folder).done, len(read_actors(SMALL, folder / POLICY)))
"""


def test_programs_optimised_as_users_are_resume_and_evaluate(tmp_path):
    """Options for the compiler act outside of tests alone, whose programs are hardly optimised."""
    tests = Path(__file__).parents[1]
    environment = os.environ | {
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "0",
        "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent / "src")]),
    }
    command = [sys.executable, "-c", AS_USERS, str(tmp_path)]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert process.stdout.split() == ["100", "2"], process.stderr


def test_the_best_seed_is_that_of_the_greatest_score(tmp_path, monkeypatch):
    monkeypatch.setattr(policies, "read_run", lambda _: (None, 3))
    for number, about in enumerate(({"score": math.nan}, {"score": 1}, {"score": 0.5})):
        (tmp_path / f"seed-{number}").mkdir()
        checkpoint.save(tmp_path / f"seed-{number}" / POLICY, {}, about)
    assert policies.find_best(tmp_path) == tmp_path / "seed-1" / POLICY
    for about in ({}, {"score": "high"}, {"score": True}, {"score": None}):
        checkpoint.save(tmp_path / "seed-2" / POLICY, {}, about)
        with pytest.raises(StoreError, match=r"seed-2.*damaged: holds no score"):
            policies.find_best(tmp_path)
