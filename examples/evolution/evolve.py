"""An evolution strategy that learns an action which reads nothing, by `sagin.evaluate` alone.

python evolve.py            200 steps
python evolve.py --quick    10 steps
"""

import sys

import numpy as np

import sagin
from sagin.slicing.game import SlicingGame

SCENARIO = sagin.load_scenario("small")
SIZES = SlicingGame(SCENARIO).action_size
ENDS = np.cumsum(list(SIZES.values()))


def score(genes, seed):
    """Return the mean score of the action that the genes stand for, on training slots."""
    parts = np.split(1.0 / (1.0 + np.exp(-genes)), ENDS[:-1])
    actions = dict(zip(SIZES, parts, strict=True))
    method = sagin.Method("evolved", act=lambda seen: {agent: actions[agent] for agent in seen})
    return sagin.evaluate(method, SCENARIO, episodes=1, slots=5, seed=2**20 + seed).score


def evolve(steps, pairs=4, spread=0.3, rate=0.5):
    """Return the genes after some steps of antithetic sampling, and their scores on the way."""
    random, scores = np.random.default_rng(0), []
    genes = random.normal(size=ENDS[-1])
    for step in range(steps):
        noise = random.normal(size=(pairs, len(genes)))
        better = [score(genes + spread * n, step) - score(genes - spread * n, step) for n in noise]
        genes += rate * np.array(better) @ noise / (2 * pairs * spread)
        scores.append(score(genes, step))
        print(f"step {step + 1}: score {scores[-1]:.3f}")
    return genes, scores


if __name__ == "__main__":
    evolve(10 if "--quick" in sys.argv else 200)
