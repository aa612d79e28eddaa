"""Let MADDPG's actors imitate the rule `selfish`, then go on with MADDPG: does it stay or fall?

    python tools/warm_start.py FILE.csv [ITERATIONS [SEEDS [STEPS]]]

Two layers at K_s = 10 with Gumbel heads, the settings of step 6 of the ladder. Actors learn the
rule's choices on fresh slots by cross-entropy; critics then learn alone, under the actors' noise;
then MADDPG goes on. FILE.csv has the score on the validation slots of each stage of this.
"""

import csv
import sys
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.heads import hold_action, split_outputs
from sagin.learning.models import make_models
from sagin.learning.optimiser import apply_gradients, make_moments
from sagin.learning.settings import make_settings
from sagin.learning.stage import list_stages, observe_stage, stack_vectors
from sagin.papers.slicing.ladder import gather
from sagin.papers.slicing.points import resize
from sagin.parameters import vary_fields
from sagin.policies.table import POLICIES
from sagin.slicing.scenario import build_scenario, check_scenario
from sagin.slicing.state import Actions
from sagin.slicing.step import act_terrestrial
from sagin.training.algorithms import compute_validation_score
from sagin.training.run import TrainingRun, compile_run, make_seed_key
from sagin.training.seed import VALIDATION_RUNS, VALIDATION_SEED, VALIDATION_SLOTS

USERS, RULE = 10, "selfish"
SLOTS, BATCH, STEPS, RATE = 16_384, 128, 2000, 1e-3
"""Of the imitation: slots seen again and again, slots and number of its steps, learning rate; no
steps: actors stay as drawn, which shows what the remainder is worth."""
CRITICS, OFTEN = 500, 250
"""Iterations in which critics learn alone, and between two validations."""


def plan_run(iterations: int, *more: str) -> TrainingRun:
    """Return the training that goes on from the imitation."""
    step = gather(6)
    scenario = vary_fields(resize(build_scenario("paper"), USERS), step.overrides, check_scenario)
    noise = f"maddpg.noise_slots={(iterations + CRITICS) / 2}"
    shape = ("network.widths=[128]", "network.skip=true", *step.settings, noise, *more)
    return TrainingRun(scenario, "two-layer-maddpg", make_settings(shape), iterations)


def show(run: TrainingRun, key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
    """Return what the agents of each stage see in a fresh slot, and what the rule does."""
    game, policy = run.task.game, POLICIES[RULE]
    slot_key, *keys = jax.random.split(key, 3)
    turn = game.reset(slot_key)
    first = policy.terrestrial(keys[0], run.scenario, turn.state)
    served = act_terrestrial(run.scenario, turn.state, first).served
    remaining = turn.state.active & ~served
    second = policy.non_terrestrial(keys[1], run.scenario, turn.state, remaining)
    vectors = game.to_vectors(Actions(first, second))
    rows = []
    for number, stage in enumerate(list_stages(game)):
        seen = observe_stage(game, turn, number, with_masks=False)
        rows.append((seen, stack_vectors(vectors, stage.agents)))
        turn = game.act(turn, number, {agent: vectors[agent] for agent in stage.agents})
    return rows


def imitate(run: TrainingRun, state, key: jax.Array, steps: int):
    """Return a run's state with actors that do what the rule does, and the choices they share."""
    slots = jax.jit(jax.vmap(partial(show, run)))(jax.random.split(key, SLOTS))
    learned, shares = [], []
    for number, (networks, (seen, action)) in enumerate(zip(state.learned, slots, strict=True)):
        nets = make_models(run.task.game, number, run.settings)
        mark = jax.vmap(lambda row, nets=nets: hold_action(nets.heads, row, 1.0))(action)
        seen, mark = jnp.moveaxis(seen, 1, 0), jnp.moveaxis(mark, 1, 0)
        actors, share = fit(nets, networks.actors, seen, mark, steps)
        learned.append(networks._replace(actors=actors, actor_moments=make_moments(actors)))
        shares.append(share)
    # no two parts may share memory, for it is used up
    return jax.tree.map(jnp.copy, state._replace(learned=tuple(learned))), shares


def fit(nets, actors, seen, mark, steps: int):
    """Return a stage's actors once fitted, and the share of choices that are the rule's."""

    def compare(actors, rows):
        logits, mean = split_outputs(nets.heads, nets.act(actors, seen[:, rows]))
        wanted, named = split_outputs(nets.heads, mark[:, rows])
        exists = jnp.max(wanted, axis=-1) > 0.5
        log_share = jnp.sum(jnp.where(wanted > 0.5, jax.nn.log_softmax(logits), 0.0), axis=-1)
        alike = jnp.argmax(logits, axis=-1) == jnp.argmax(wanted, axis=-1)
        loss = -jnp.sum(jnp.where(exists, log_share, 0.0)) + jnp.sum(jnp.square(mean - named))
        return loss / len(rows), jnp.sum(alike & exists) / jnp.sum(exists)

    @jax.jit
    def climb(actors, keys):
        def step(carry, key):
            actors, moments = carry
            rows = jax.random.randint(key, (BATCH,), 0, seen.shape[1])
            slope, share = jax.grad(compare, has_aux=True)(actors, rows)
            return apply_gradients(nets.settings, RATE, slope, moments, actors), share

        (actors, _), share = jax.lax.scan(step, (actors, make_moments(actors)), keys)
        return actors, jnp.mean(share[-100:])

    actors, share = climb(actors, jax.random.split(jax.random.key(1), steps))
    return actors, float(share)


def main(path: Path, iterations: int = 2000, seeds: int = 2, steps: int = STEPS) -> None:
    """Run all seeds; rows are written as they come."""
    run = plan_run(iterations)
    still = plan_run(iterations, "maddpg.actor_rate=0")
    begin, advance, judge = compile_run(run.task)
    hold = compile_run(still.task).advance
    rows = []

    def validate(seed, state, stage, done):
        keys = jax.random.split(jax.random.key(VALIDATION_SEED), VALIDATION_RUNS)
        kpis = judge(state.learned, keys, VALIDATION_SLOTS)[1]
        score = 3.0 * float(np.mean(compute_validation_score(run.scenario, kpis)))
        rows.append({"seed": seed, "stage": stage, "iterations": done, "score": round(score, 4)})
        print(rows[-1], flush=True)
        with path.open("w", newline="") as file:
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)

    for seed in range(seeds):
        state = begin(make_seed_key(run, seed))
        validate(seed, state, "drawn", 0)
        if steps:
            state, shares = imitate(run, state, jax.random.key(seed), steps)
            alike = " ".join(f"{share:.3f}" for share in shares)
            validate(seed, state, f"imitation, choices alike {alike}", 0)
        for part in range(CRITICS // OFTEN):
            state, _ = hold(state, OFTEN)
            del part
        validate(seed, state, "critics alone", CRITICS)
        for part in range(iterations // OFTEN):
            state, _ = advance(state, OFTEN)
            validate(seed, state, "MADDPG", CRITICS + OFTEN * (part + 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
