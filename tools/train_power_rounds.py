"""Train the set policy's power rounds on the public power-control problems of Sun et al. (2018).

    python tools/train_power_rounds.py [UPDATES]

Training draws problems of 5 to 25 links from the same distribution. The test uses the public 1000
problems of 10, 20 and 30 links. The script prints the mean sum rate as a share of WMMSE's, and the
share that the authors' network reaches.
"""

import sys
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from sagin.learning.networks import draw_mlp, draw_networks
from sagin.learning.optimiser import apply_gradients, make_moments
from sagin.learning.settings import make_settings
from sagin.optimise.power import LinkGains, compute_sinrs
from sagin.policies.set_policy.powers import refine_powers

WMMSE = {10: 2.791745645694391, 20: 3.655153062767121, 30: 4.124310991683245}
AUTHORS = {10: 2.741217186370483, 20: 3.367724696086548, 30: 3.549077283807961}
"""Mean sum rates, bit/s/Hz, of the authors' own programs (github.com/Haoran-S/SPAWC2017)."""
ROUNDS, FEATURES, HIDDEN = 8, 6, 32
SIZES, BATCH, RATE = (5, 15, 25), 64, 3e-3


def draw_problems(links, count):
    """Draw power gains |h|² as the public set does: (count, links, links), receivers first."""
    parts = np.random.RandomState(7).randn(count, 2, links, links)
    return jnp.asarray((parts**2).sum(axis=1) / 2, float)


def start_networks(key):
    """Return initial networks of the rounds, which correct nothing, with a leading axis of 1."""
    sizes = (FEATURES, HIDDEN, HIDDEN, 1)
    build = lambda take: draw_mlp(partial(take, ROUNDS), sizes, 0.0)  # noqa: E731
    return jax.tree.map(lambda leaf: leaf[None], draw_networks(key, build))


def rate_rounds(networks, gain):
    """Return the sum rate, bit/s/Hz, after each round from full power; noise and limits are 1."""
    links = gain.shape[0]
    direct = jnp.diag(gain)
    between = LinkGains(direct, gain - jnp.diag(direct), None, jnp.ones(links))
    marks = 0.2 * jnp.log1p(direct)[:, None]
    powers = refine_powers(networks, between, jnp.ones_like, jnp.ones(links), marks)
    return jax.vmap(lambda power: jnp.sum(jnp.log2(1.0 + compute_sinrs(between, power))))(powers)


def lose(networks, gain):
    """Return minus the mean sum rate of the rounds; the last round has the largest weight."""
    rounds = jax.vmap(partial(rate_rounds, jax.tree.map(lambda leaf: leaf[0], networks)))(gain)
    return -jnp.mean(rounds[:, -1]) - 0.1 * jnp.mean(rounds)


@partial(jax.jit, static_argnames=("links", "count", "total"))
def train(key, networks, moments, first, *, links, count, total):
    """Return the networks and moments after a block of updates on problems of `links` links."""

    def step(state, number):
        networks, moments = state
        gain = jax.random.exponential(jax.random.fold_in(key, number), (BATCH, links, links))
        rate = RATE * (0.01 + 0.5 * (1.0 + jnp.cos(jnp.pi * number / total)))
        slope = jax.grad(lose)(networks, gain)
        return apply_gradients(SETTINGS, rate, slope, moments, networks), None

    return jax.lax.scan(step, (networks, moments), first + jnp.arange(count))[0]


@jax.jit
def test(networks, gain):
    """Return the mean sum rate after each round."""
    rounds = jax.vmap(partial(rate_rounds, jax.tree.map(lambda leaf: leaf[0], networks)))(gain)
    return jnp.mean(rounds, axis=0)


SETTINGS = make_settings(("gradient_norm=1.0",))

if __name__ == "__main__":
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    networks, begin = start_networks(jax.random.key(0)), time.process_time()
    moments, piece = make_moments(networks), 100
    for first in range(0, updates, piece):
        links = SIZES[first // piece % len(SIZES)]
        networks, moments = train(
            jax.random.key(1), networks, moments, first, links=links, count=piece, total=updates
        )
        if first % (updates // 5) < piece or first + piece >= updates:
            print(f"{first + piece} updates, {time.process_time() - begin:.0f} s", flush=True)
            for links, best in WMMSE.items():
                rounds = np.asarray(test(networks, draw_problems(links, 1000)))
                shares = 100 * rounds[-1] / best
                print(
                    f"  K = {links}: {shares:.1f} % of WMMSE; the authors' network "
                    f"{100 * AUTHORS[links] / best:.1f} %",
                    flush=True,
                )
