"""Published values of queueing theory for M/D/1, entry by entry."""

import jax.numpy as jnp
import pytest
from tests.authorities import check, entries

from sagin.traffic import md1

COMPUTE = {
    "mean queue time": lambda i: md1.waiting_time(i["lam"], i["mu"]) * 60.0,
    "[mean number": lambda i: jnp.stack(
        [md1.number_waiting(i["rho"]), md1.number_in_system(i["rho"])]
    ),
    "P(W_q": lambda i: md1.waiting_probability(i["t_over_D"], i["rho"]),
    "mean waiting time": lambda i: md1.relative_waiting_time(i["rho"]) * i["D"],
    "queueing term with bits": lambda i: md1.waiting_time(i["lambda_bps"], i["rate_bps"]),
    "queueing term if one": lambda i: md1.waiting_time(
        i["lambda_pps"], i["rate_bps"] / i["packet_bits"]
    ),
}
"""What sagin computes for a quantity, which is known by its first words."""


@pytest.mark.parametrize("entry", entries("md1_queue"), ids=lambda entry: entry["id"])
@pytest.mark.usefixtures("float64")
def test_authority(entry):
    (compute,) = (f for start, f in COMPUTE.items() if entry["quantity"].startswith(start))
    check(entry, compute(entry["inputs"]))
