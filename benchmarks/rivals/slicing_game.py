"""The two-layer game on the NumPy slot with the paper's observations, and the loop that times a
learner on it.
"""

from typing import Protocol

import numpy as np

from benchmarks import numpy_slicing as model
from benchmarks.rivals import clock

AGENTS, LAYERS = 3, 2
MEMORY, BATCH, WIDTHS = 2000, clock.BATCH, (256, 128)
DISCOUNT, TAU, ACTOR_RATE, CRITIC_RATE, NOISE, NOISE_DECAY, LEAST_NOISE = (
    0.9,
    0.01,
    1e-4,
    1e-3,
    0.4,
    0.9999,
    0.05,
)
SATELLITE_SNR = np.log10(model.SATELLITE_POWER * model.SATELLITE_GAIN / model.NOISE) / 3.0
SCATTER = 3.0 * np.sqrt(0.5 / (model.RICIAN + 1.0))


class Learner(Protocol):
    """Act in both layers, store the transitions of both, and update all six agents."""

    def act(self, layer: int, observation: np.ndarray) -> np.ndarray: ...

    def remember(
        self, before: tuple, actions: tuple, rewards: np.ndarray, after: tuple
    ) -> None: ...

    def update(self) -> None: ...


class Beginner:
    """Act at random in place of a learner, which stores the transitions."""

    def __init__(self, learner: Learner, sizes: list) -> None:
        self.remember, self.sizes, self.rng = learner.remember, sizes, np.random.default_rng(1)

    def act(self, layer: int, _: np.ndarray) -> np.ndarray:
        """Return random actions of the layer."""
        return self.rng.random((AGENTS, self.sizes[layer][1]), dtype=np.float32)

    def update(self) -> None:
        """Do nothing."""


class Game:
    """Simulate slots in sequence; an action has shape [3 agents, numbers], with the users' rows in
    order, and in layer 2 the UAVs' places before them.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.slot = model.draw(self.rng)
        self.pending: tuple | None = None

    def first(self) -> np.ndarray:
        """Return layer 1's observations, [3, 270] with the paper's sizes."""
        rows = 2.0 * np.exp(-self.slot.base_fading) - 1.0
        return self._seen(rows.reshape(AGENTS, -1), self._shared())

    def second(self, remaining: np.ndarray) -> np.ndarray:
        """Return layer 2's observations, [3, 510] with the paper's sizes."""
        assert self.slot.scatter is not None
        rows = np.moveaxis(self.slot.scatter, 0, -1).reshape(AGENTS, -1) / SCATTER
        satellites = np.full((AGENTS, model.USERS * model.SATELLITES // AGENTS), SATELLITE_SNR)
        return self._seen(rows, satellites, self._shared(), 2.0 * remaining - 1.0)

    def play(self, learner: Learner) -> np.ndarray:
        """Simulate a slot, pass the previous slot to the learner (which needs this slot's K^NT),
        and return the six rewards.
        """
        first = self.first()
        action = learner.act(0, first)
        rows = action.reshape(model.USERS, -1)
        layer = model.terrestrial(self.slot, rows)
        second = self.second(~layer.served)
        if self.pending is not None:
            learner.remember(*self.pending, (first, second))
        proposal = learner.act(1, second)
        places, choices = np.split(proposal, [2 * model.UAVS], axis=1)
        rewards = model.after(
            self.slot,
            layer,
            choices.reshape(model.USERS, -1),
            places.reshape(AGENTS, model.UAVS, 2),
        ).rewards
        rows[layer.requests & ~layer.served, : len(model.BASES)] = 0.0
        self.pending = (first, second), (action, proposal), rewards.reshape(LAYERS, AGENTS)
        self.slot = model.draw(self.rng, self.slot.users)
        return rewards

    def _shared(self) -> np.ndarray:
        arrivals = self.slot.arrivals[model.SLICE == 1] / model.PACKETS - 1.0
        return np.concatenate([arrivals, (2.0 * self.slot.users / model.SIDE - 1.0).reshape(-1)])

    @staticmethod
    def _seen(*parts: np.ndarray) -> np.ndarray:
        rows = [
            part if part.ndim == 2 else np.broadcast_to(part, (AGENTS, part.size)) for part in parts
        ]
        return np.concatenate(rows, axis=1, dtype=np.float32)


def tell_speed(learner: Learner, iterations: int, sizes: list) -> None:
    """Print the slots per second, once the memory is full, with one update of all agents each."""
    game = Game(0)
    seen = [game.first().shape[1], game.second(np.ones(model.USERS)).shape[1]]
    assert seen == [observation for observation, _ in sizes], (
        f"the game shows {seen}, sagin's {sizes}"
    )
    beginner = Beginner(learner, sizes)
    for _ in range(MEMORY + 1):
        game.play(beginner)
    for count in range(clock.SETTLE + iterations):
        if count == clock.SETTLE:
            started = clock.now()
        game.play(learner)
        learner.update()
    clock.tell(iterations, started)
