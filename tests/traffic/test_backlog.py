"""The queue from slot to slot: its recursion with known values, its mean compared with M/D/1's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sagin.traffic.backlog import carry_over
from sagin.traffic.md1 import number_waiting

SLOTS, QUEUES = 4000, 200


def test_one_packet_a_slot_is_an_md1_queue():
    packets = np.random.default_rng(3).poisson(0.7, (SLOTS, QUEUES)).astype(np.float32)

    def slot(backlog, arrivals):
        left = carry_over(backlog, arrivals, 1.0)
        return left, left

    lengths = jax.lax.scan(slot, jnp.zeros(QUEUES), jnp.asarray(packets))[1]
    means = np.asarray(lengths[200:], float).mean(axis=0)
    error = means.std(ddof=1) / np.sqrt(QUEUES)
    assert error < 0.01
    # Little's law: so is its mean wait, ρ/(2(1 − ρ)) slots
    assert means.mean() == pytest.approx(float(number_waiting(0.7)), abs=4 * error)
