"""Categorical heads compared with distributions that are written out in full."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.game import ActionChoices, TargetGame
from sagin.learning import heads as h
from sagin.slicing.game import SlicingGame
from sagin.slicing.scenario import build_scenario

LEVELS = (0.1, 1.0)


class TinyGame(TargetGame):
    """One user: node or none (numbers 0, 1), and where it has a node one of two amounts (number 2);
    number 3 is named.
    """

    def choices(self, agent, levels):
        numbers = np.array([[0, 1, -1], [2, 2, -1]])
        amounts = np.array([[1.0, 1.0, 1.0], [*levels, np.nan]])
        return ActionChoices(numbers, amounts, np.array([-1, 0]))

    def most_claims(self, agent):
        return jnp.asarray(0)


GAME, AGENTS = TinyGame((1,), 4), ("agent_0",)


def list_decisions(heads):
    """Return all decisions of the tiny game at the mean of its named number."""
    options = [[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]], [[2, 0]]]
    return [
        h.ChoiceDecision(jnp.asarray(rows), jnp.zeros((1, 1)), jnp.ones((1, 2), bool))
        for rows in options
    ]


def test_log_probabilities_are_those_of_the_tree_of_choices():
    heads = h.make_heads(GAME, AGENTS, LEVELS)
    outputs = jnp.array([[0.3, -0.2, 0.5, 1.0, 0.4, 9.0, 0.7]])
    node, amount = (np.exp(part) / np.exp(part).sum() for part in ([0.3, -0.2, 0.5], [1.0, 0.4]))
    expected = [p * q for p, q in itertools.product(node[:2], amount)] + [node[2]]
    at_mean = [d._replace(raw=jnp.array([[0.7]])) for d in list_decisions(heads)]
    logs = [h.compute_log_probability(heads, outputs, jnp.zeros((1, 1)), d)[0] for d in at_mean]
    density = 1 / np.sqrt(2 * np.pi)
    assert np.exp(np.asarray(logs)) == pytest.approx(np.array(expected) * density, rel=1e-5)
    actions = [h.build_action(heads, d)[0].tolist() for d in list_decisions(heads)]
    assert np.array(actions) == pytest.approx(
        np.array(
            [[1, 0, 0.1, 0.5], [1, 0, 1, 0.5], [0, 1, 0.1, 0.5], [0, 1, 1, 0.5], [0, 0, 0.1, 0.5]]
        )
    )
    entropy = -(node * np.log(node)).sum() - (amount * np.log(amount)).sum()
    assert float(h.compute_entropy(heads, outputs)[0]) == pytest.approx(entropy / 2, rel=1e-5)


def test_draws_have_their_shares_and_a_limit_leaves_none():
    outputs = jnp.array([[0.3, -0.2, 0.5, 1.0, 0.4, 9.0, 0.7]])[:, None]
    uniform = jax.random.uniform(jax.random.key(0), (1, 4000, 3))
    heads = h.make_heads(GAME, AGENTS, LEVELS)
    drawn = h.draw_decision(heads, outputs, jnp.full((1, 1), -1.0), uniform)
    share = np.exp([0.3, -0.2, 0.5]) / np.exp([0.3, -0.2, 0.5]).sum()
    counted = np.bincount(np.asarray(drawn.options)[0, :, 0], minlength=3) / 4000
    assert np.abs(counted - share).max() < 5 * np.sqrt(0.25 / 4000)
    assert float(drawn.raw.std()) == pytest.approx(np.exp(-1.0), rel=0.06)
    full = h.make_heads(GAME, AGENTS, LEVELS, limited=True)
    assert set(
        np.asarray(h.draw_decision(full, outputs, jnp.zeros((1, 1)), uniform).options)[
            ..., 0
        ].ravel()
    ) == {2}
    assert h.decide_likeliest(full, outputs[:, 0]).options.tolist() == [[2, 0]]
    assert float(
        h.compute_log_probability(
            full, outputs[:, 0], jnp.zeros((1, 1)), h.decide_likeliest(full, outputs[:, 0])
        )[0]
    ) == pytest.approx(-0.5 * np.log(2 * np.pi))


@pytest.mark.parametrize("layers_at_once", [False, True])
def test_a_held_action_comes_back_from_the_likeliest_options(layers_at_once):
    game = SlicingGame(build_scenario("small"), layers_at_once)
    for agents in game.stages:
        heads = h.make_heads(game, agents, LEVELS)
        rng, longest = np.random.default_rng(1), max(game.action_size[a] for a in agents)
        options = [
            [rng.choice(np.flatnonzero(~np.isnan(row))) for row in rows] for rows in heads.amounts
        ]
        raw = jnp.asarray(rng.uniform(-2, 2, (len(agents), heads.named.shape[1])), jnp.float32)
        decision = h.ChoiceDecision(jnp.asarray(options), raw, jnp.ones(np.shape(options), bool))
        action = h.build_action(heads, decision)
        assert action.shape == (len(agents), longest)
        again = h.decide_likeliest(heads, h.hold_action(heads, action, 3.0))
        assert jnp.allclose(h.build_action(heads, again), action, atol=1e-5)


def test_a_game_without_choices_names_its_numbers():
    heads = h.make_heads(TargetGame((2,), 3), ("agent_0", "agent_1"), LEVELS)
    raw = jnp.array([[0.0, 1.0, -1.0], [2.0, 0.0, 0.0]])
    action = h.build_action(heads, h.decide_likeliest(heads, raw))
    assert np.asarray(action) == pytest.approx(0.5 * (1 + np.tanh(raw)), rel=1e-5)
