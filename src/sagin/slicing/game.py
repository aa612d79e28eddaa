"""The slicing system as a staged game: one agent per slice and layer.

The layers act in turn (the paper's scheme) or at once (benchmarks 3, 4).
"""

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import ScenarioError
from sagin.game.protocol import ActionChoices, Masks, Rows, Transition, Vectors
from sagin.slicing import observation, physics
from sagin.slicing.actions import AGENTS, mask_executed
from sagin.slicing.agents import (
    AGENT_NAMES,
    PRIVATE_PARTS,
    count_private_numbers,
    count_quota,
    find_layer,
    find_slice,
    find_users,
    lay_out_action,
    lay_out_observation,
    list_choices,
    mask_action,
)
from sagin.slicing.csi import see_channels
from sagin.slicing.layouts import VectorLayout, count_numbers, index_parts, pack, unpack
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.state import (
    Actions,
    Layer,
    NonTerrestrialAction,
    Outcome,
    State,
    TerrestrialAction,
)
from sagin.slicing.step import (
    act_non_terrestrial,
    act_terrestrial,
    act_together,
    advance,
    assess_slot,
    end_slot,
    reset,
)
from sagin.slicing.transfer import ROW_PARTS, lay_out_transfer, show_transfer
from sagin.types import Array, ArrayLike, Bool, Float, Int, PRNGKeyArray


class Turn(NamedTuple):
    """The present slot of the game, with the results of the layers that have acted."""

    state: State
    """The slot before any layer acts."""
    first: TerrestrialAction | None = None
    """Layer 1's action, after it acted."""
    second: NonTerrestrialAction | None = None
    """Layer 2's action, after it acted."""
    layers: tuple[Layer, ...] = ()
    """Links and loads of the layers that have acted."""
    positions: Float[Array, "uavs 2"] | None = None
    """Positions of the UAVs, m, after layer 2 acted."""


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["scenario", "counts"],
    meta_fields=["layers_at_once"],
)
@dataclasses.dataclass(frozen=True)
class SlicingGame:
    """The game of agents throughput_1, delay_1, coverage_1 and throughput_2, delay_2, coverage_2.

    The suffix is the layer; throughput, delay and coverage are slices H, L and C. A slice without
    users has no agents. The game is a pytree: its scenario's numbers and the counts can be traced
    and swept by `vmap`. Before layer 1 has acted, layer 2 sees K^NT as all users that take part; if
    the layers act at once, this is always the case. The next channels, arrivals and positions do
    not depend on actions (unless UAVs have a speed limit), so each slot is independent.
    """

    scenario: Scenario
    """The system; its section `game` has the game's own fields."""
    layers_at_once: bool = False
    """Whether all agents act in one stage; `game.collision` decides about users whom both layers
    claim.
    """
    counts: ArrayLike | None = None
    """Users of H, L and C who take part; None for all, or for a random number with
    `game.least_users`.
    """

    def __post_init__(self) -> None:
        if sizes(self.scenario).K == 0:
            raise ScenarioError(
                "scenario: field 'users': no users, so the game has no agents (allowed: at "
                "least 1 in some slice)"
            )

    @property
    def agents(self) -> tuple[str, ...]:
        """The agents of both layers."""
        return tuple(f"{name}_{layer}" for layer in (1, 2) for name in self._slices)

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The layers in turn, or one stage."""
        half = len(self._slices)
        return (self.agents,) if self.layers_at_once else (self.agents[:half], self.agents[half:])

    @property
    def observation_size(self) -> Mapping[str, int]:
        """Lengths of `observation_layout`."""
        return {agent: count_numbers(self.observation_layout(agent)) for agent in self.agents}

    @property
    def observation_bound(self) -> float:
        """The largest magnitude of an observed number, rounded up."""
        # a throughput above its reference gives a reward above 1
        if self._transferred == "actions-and-rewards":
            return math.inf
        traffic = self.scenario.traffic
        most, mean = traffic.most_packets, traffic.packets_per_slot
        most = most / mean - 1.0 if mean > 0 else 1.0
        last = self.agents[-1]
        # it is a plain number even if it is requested during tracing
        with jax.ensure_compile_time_eval():
            seen = jax.jit(lambda key: self.observe(self.reset(key), len(self.stages) - 1)[last])(
                jax.random.key(0)
            )
            snr = np.abs(np.asarray(unpack(seen, self.observation_layout(last))["satellite_snr"]))
        return float(math.ceil(max(1.0, most, float(np.max(snr, initial=0.0)))))

    @property
    def action_size(self) -> Mapping[str, int]:
        """Lengths of `action_layout`."""
        return {agent: count_numbers(self.action_layout(agent)) for agent in self.agents}

    @property
    def state_size(self) -> int:
        """Length of `global_state`."""
        private = sum(count_private_numbers(self.scenario, agent) for agent in self.agents)
        start, end = self._shared_numbers
        return private + end - start

    @property
    def episode_length(self) -> int:
        """Slots after which an episode is truncated, T."""
        return self.scenario.game.slots

    def observation_layout(self, agent: str) -> VectorLayout:
        """Return the layout of an agent's observation: (39) for layer 1, (43) for layer 2.

        The values that layer 1 transfers to layer 2 come last.
        """
        layout = lay_out_observation(self.scenario, agent)
        hands = self._transferred is not None and find_layer(agent) == 2
        return (*layout, *lay_out_transfer(self.scenario, agent)) if hands else layout

    def action_layout(self, agent: str) -> VectorLayout:
        """Return the layout of an agent's action: (41) for layer 1, (45) for layer 2."""
        return lay_out_action(self.scenario, agent)

    def rows(self, agent: str) -> Rows:
        """Return the positions of an agent's users in its observation and action.

        Channels are those of its own users; arrivals, positions and remaining are those of all
        users.
        """
        seen, acted = (
            index_parts(self.observation_layout(agent)),
            index_parts(self.action_layout(agent)),
        )
        arrivals, remaining = np.full((2, sizes(self.scenario).K), -1)
        arrivals[find_users(self.scenario, "delay_1")] = seen["arrivals"]
        everybody = np.column_stack([seen["positions"], arrivals, seen.get("remaining", remaining)])
        mine, rows = find_users(self.scenario, agent), slice_sizes(self.scenario)[find_slice(agent)]
        channels = [
            seen[name].reshape(rows, -1) for name in (*PRIVATE_PARTS, *ROW_PARTS) if name in seen
        ]
        stage = next(agents for agents in self.stages if agent in agents)
        public = np.concatenate([everybody[find_users(self.scenario, other)] for other in stage])
        decided = [acted[name].reshape(rows, -1) for name in ("association", "subcarrier", "power")]
        return Rows(np.column_stack([*channels, everybody[mine]]), public, np.column_stack(decided))

    def late_numbers(self, agent: str) -> Int[np.ndarray, " late"]:
        """Return the numbers of an observation that layer 1 decides: K^NT and transfers."""
        if self.layers_at_once or find_layer(agent) == 1:
            return np.zeros(0, int)
        parts = index_parts(self.observation_layout(agent))
        late = ("remaining", *(name for name, _ in lay_out_transfer(self.scenario, agent)))
        return np.concatenate([parts[name].reshape(-1) for name in late])

    def choices(self, agent: str, levels: tuple[float, ...]) -> ActionChoices:
        """Return an agent's choices: node or none, subcarrier, power; UAVs are continuous."""
        return list_choices(self.scenario, agent, levels)

    def most_claims(self, agent: str) -> Int[Array, ""]:
        """Return the priority's quota of an agent's slice in its layer, if all users take part."""
        return count_quota(self.scenario, agent)

    @property
    def description_size(self) -> Mapping[str, int]:
        """Length of `describe`."""
        return {agent: physics.count_features(self.scenario, agent) for agent in self.agents}

    def describe(self, stage: int, seen: Vectors, actions: Vectors) -> Vectors:
        """Describe the effect of relaxed actions on each agent's users, in smooth numbers."""
        return physics.describe_stage(self, self.stages[stage], seen, actions)

    def reset(self, key: PRNGKeyArray) -> Turn:
        """Draw the first slot of an episode, and its number of users if that is random."""
        least, rows = self.scenario.game.least_users, jnp.asarray(slice_sizes(self.scenario))
        if least is None or self.counts is not None:
            return Turn(reset(key, self.scenario, self.counts))
        number = jax.random.randint(jax.random.fold_in(key, 1), (), least, jnp.max(rows) + 1)
        return Turn(reset(key, self.scenario, jnp.minimum(number, rows)))

    def observe(self, state: Turn, stage: int) -> Vectors:
        """Return the observations of a layer's agents, or of both layers'."""
        before, seen = see_channels(state.state), {}
        if stage == 0:
            seen |= self._name_vectors(1, observation.observe_first(self.scenario, before))
        if stage == 1 or self.layers_at_once:
            second = observation.observe_second(self.scenario, before, self._remaining(state))
            seen |= {
                agent: jnp.concatenate([vector, self._show_transfer(agent, state)])
                for agent, vector in self._name_vectors(2, second).items()
            }
        return seen

    def action_masks(self, state: Turn, stage: int) -> Masks:
        """Return the masks of the actions' effective numbers.

        These are the numbers of users who take part, in layer 2 of users in K^NT, and UAV
        positions.
        """
        agents = self.stages[stage]
        present = {1: state.state.active, 2: self._remaining(state)}
        return {
            agent: mask_action(self.scenario, agent, present[find_layer(agent)]) for agent in agents
        }

    def global_state(self, state: Turn) -> Float[Array, " state"]:
        """Return everything that the agents see at the start of the slot.

        The private part of each agent comes first, then the part that all agents of layer 2 see.
        """
        start = Turn(state.state)
        seen = {
            agent: vector
            for stage in range(len(self.stages))
            for agent, vector in self.observe(start, stage).items()
        }
        shared = seen[self.agents[-1]][slice(*self._shared_numbers)]
        private = [
            seen[agent][: count_private_numbers(self.scenario, agent)] for agent in self.agents
        ]
        return jnp.concatenate([*private, shared])

    def act(self, state: Turn, stage: int, actions: Vectors) -> Turn:
        """Let a layer act on its users, or both layers on all users."""
        if self.layers_at_once:
            both = self.to_actions(actions)
            first, second, positions = act_together(self.scenario, state.state, both)
            return state._replace(
                first=both.terrestrial,
                second=both.non_terrestrial,
                layers=(first, second),
                positions=positions,
            )
        if stage == 0:
            action = self.to_terrestrial(actions)
            return state._replace(
                first=action, layers=(act_terrestrial(self.scenario, state.state, action),)
            )
        action = self.to_non_terrestrial(actions)
        layer, positions = act_non_terrestrial(self.scenario, state.state, state.layers[0], action)
        return state._replace(second=action, layers=(state.layers[0], layer), positions=positions)

    def assess(self, state: Turn) -> Outcome:
        """Return the outcome of a slot in which all layers have acted."""
        if len(state.layers) < 2 or state.positions is None:
            raise ValueError("assess: called before both layers have acted")
        first, second = state.layers
        return assess_slot(self.scenario, state.state, first, second, state.positions)

    def finish(self, key: PRNGKeyArray, state: Turn) -> Transition:
        """Compute the rewards and advance: users move, channels and arrivals change.

        The KPIs are those of the slot.
        """
        outcome = self.assess(state)
        if state.first is None or state.second is None:
            raise ValueError("finish: called before both layers have acted")
        first, second = state.layers
        following = advance(key, self.scenario, end_slot(self.scenario, state.state, outcome))
        both = Actions(state.first, state.second)
        stored = (
            mask_executed(state.state, both, first, second)
            if self.scenario.game.stored_actions == "executed"
            else both
        )
        rewards = {
            agent: outcome.rewards[3 * (find_layer(agent) - 1) + find_slice(agent)]
            for agent in self.agents
        }
        over = following.slot >= self.episode_length
        return Transition(
            Turn(following),
            rewards,
            self.to_vectors(stored),
            jnp.asarray(False),
            over,
            outcome.kpis,
        )

    def to_actions(self, vectors: Vectors) -> Actions:
        """Convert the agents' flat vectors to the layers' actions (`action_layout`)."""
        return Actions(self.to_terrestrial(vectors), self.to_non_terrestrial(vectors))

    def to_terrestrial(self, vectors: Vectors) -> TerrestrialAction:
        """Convert the flat vectors of layer 1's agents to layer 1's action."""
        return TerrestrialAction(**self._join_agents(1, vectors))

    def to_non_terrestrial(self, vectors: Vectors) -> NonTerrestrialAction:
        """Convert flat vectors of layer 2's agents to layer 2's action; fixed UAVs propose 0."""
        parts = self._join_agents(2, vectors)
        size = sizes(self.scenario)
        proposals = parts.pop("positions", jnp.zeros((AGENTS, size.V, 2)))
        return NonTerrestrialAction(positions=proposals, **parts)

    def to_vectors(self, actions: Actions) -> Vectors:
        """Convert the layers' actions to the agents' flat vectors: the inverse of `to_actions`."""
        return {
            agent: pack(self._select_rows(agent, actions), self.action_layout(agent))
            for agent in self.agents
        }

    def _select_rows(self, agent: str, actions: Actions) -> dict[str, Array]:
        layer = actions[find_layer(agent) - 1]._asdict()
        rows = find_users(self.scenario, agent)
        return {
            name: value[find_slice(agent)] if name == "positions" else value[rows]
            for name, value in layer.items()
        }

    def _join_agents(self, layer: int, vectors: Vectors) -> dict[str, Array]:
        agents = [agent for agent in self.agents if find_layer(agent) == layer]
        parts = [unpack(vectors[agent], self.action_layout(agent)) for agent in agents]
        return {
            name: (jnp.stack if name == "positions" else jnp.concatenate)(
                [part[name] for part in parts]
            )
            for name in parts[0]
        }

    def _name_vectors(self, layer: int, vectors: tuple[Array, ...]) -> Vectors:
        return {f"{name}_{layer}": vectors[AGENT_NAMES.index(name)] for name in self._slices}

    def _remaining(self, state: Turn) -> Bool[Array, " users"]:
        known = bool(state.layers) and not self.layers_at_once
        return state.state.active & ~state.layers[0].served if known else state.state.active

    @property
    def _transferred(self) -> str | None:
        """Names of the values that layer 1 transfers to layer 2, which has to act after it."""
        return None if self.layers_at_once else self.scenario.game.transfer

    def _show_transfer(self, agent: str, state: Turn) -> Float[Array, " numbers"]:
        if self._transferred is None:
            return jnp.zeros(0)
        if state.first is None:
            return jnp.zeros(count_numbers(lay_out_transfer(self.scenario, agent)))
        return show_transfer(self.scenario, agent, state.state, state.first, state.layers[0])

    @property
    def _shared_numbers(self) -> tuple[int, int]:
        """Range of the part that all agents of layer 2 see, in the last agent's observation."""
        start = count_private_numbers(self.scenario, self.agents[-1])
        return start, count_numbers(lay_out_observation(self.scenario, self.agents[-1]))

    @property
    def _slices(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, rows in zip(AGENT_NAMES, slice_sizes(self.scenario), strict=True)
            if rows > 0
        )
