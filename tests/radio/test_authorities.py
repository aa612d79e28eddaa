"""Published values for combining and fixed-gain relaying over Rayleigh fading, entry by entry."""

import jax.numpy as jnp
import pytest
from tests.authorities import check, entries

from sagin.propagation import nakagami
from sagin.radio import diversity, relay_statistics
from sagin.radio.relay_statistics import FixedGainRelay
from sagin.units import from_db


def branches(i):
    """Return the branches' mean SNRs: given one by one, or alike, or of unit mean where only their
    number counts.
    """
    if isinstance(i.get("branch_snr_db"), list):
        return from_db(jnp.array(i["branch_snr_db"], dtype=float))
    return jnp.full(i["branches"], from_db(float(i.get("branch_snr_db", 0.0))))


def threshold(i):
    return from_db(i["threshold_db"])


def relay(i):
    return FixedGainRelay(from_db(i["g1_db"]), from_db(i["g2_db"]), i["C"])


def direct(i):
    return from_db(i["gd_db"])


def both(maximum_ratio, selection):
    return lambda i: jnp.stack(
        [maximum_ratio(threshold(i), branches(i)), selection(threshold(i), branches(i))]
    )


COMPUTE = {
    ("fixed_gain_af", "average coherent"): lambda i: relay_statistics.bpsk_error(relay(i)),
    ("fixed_gain_af", "mean SNR of the dual-hop"): lambda i: relay_statistics.mean_snr(relay(i)),
    ("fixed_gain_af", "outage of the dual-hop"): lambda i: relay_statistics.outage(
        threshold(i), relay(i)
    ),
    ("fixed_gain_af", "ergodic rate"): lambda i: relay_statistics.maximum_ratio_capacity(
        direct(i), relay(i)
    ),
    ("fixed_gain_af", "mean SNR of MRC"): lambda i: relay_statistics.maximum_ratio_mean(
        direct(i), relay(i)
    ),
    ("fixed_gain_af", "outage at 3 dB of MRC"): lambda i: relay_statistics.maximum_ratio_outage(
        threshold(i), direct(i), relay(i)
    ),
    ("fixed_gain_af", "outage at 3 dB of SC"): lambda i: relay_statistics.selection_outage(
        threshold(i), direct(i), relay(i)
    ),
    ("diversity_rayleigh", "mean output SNR of two"): lambda i: jnp.stack(
        [
            f(branches(i))
            for f in (
                diversity.maximum_ratio_mean,
                diversity.equal_gain_mean,
                diversity.selection_mean,
            )
        ]
    ),
    ("diversity_rayleigh", "outage at 3 dB of two"): both(
        diversity.maximum_ratio_outage, diversity.selection_outage
    ),
    ("diversity_rayleigh", "coherent BPSK BER, dual-branch EGC"): lambda i: (
        diversity.equal_gain_error(from_db(i["branch_snr_db"]))
    ),
    ("diversity_rayleigh", "coherent BPSK BER with MRC"): lambda i: diversity.maximum_ratio_error(
        branches(i)
    ),
    ("diversity_rayleigh", "mean output SNR / branch SNR, MRC"): lambda i: (
        diversity.maximum_ratio_mean(branches(i))
    ),
    ("diversity_rayleigh", "mean output SNR / branch SNR, EGC"): lambda i: (
        diversity.equal_gain_mean(branches(i))
    ),
    ("diversity_rayleigh", "mean output SNR / branch SNR, SC"): lambda i: diversity.selection_mean(
        branches(i)
    ),
    ("diversity_rayleigh", "MRC outage"): lambda i: diversity.maximum_ratio_outage(
        threshold(i), branches(i)
    ),
    ("diversity_rayleigh", "SC outage"): lambda i: diversity.selection_outage(
        threshold(i), branches(i)
    ),
    ("diversity_rayleigh", "selection-combining outage"): lambda i: diversity.selection_outage(
        threshold(i), branches(i)
    ),
    ("diversity_rayleigh", "single-branch Nakagami"): lambda i: nakagami.outage(
        threshold(i), i["m"], from_db(i["branch_snr_db"])
    ),
}
"""What sagin computes for a quantity of a group; a quantity is known by its first words."""


@pytest.mark.parametrize(
    "entry", entries("fixed_gain_af", "diversity_rayleigh"), ids=lambda entry: entry["id"]
)
@pytest.mark.usefixtures("float64")
def test_authority(entry):
    (compute,) = (
        f
        for (group, start), f in COMPUTE.items()
        if group == entry["group"] and entry["quantity"].startswith(start)
    )
    check(entry, compute(entry["inputs"]))
