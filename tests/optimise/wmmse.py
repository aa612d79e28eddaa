"""WMMSE in plain NumPy, and the public set of power-control problems: an oracle for tests."""

import numpy as np

MEANS = {10: 2.791745645694391, 20: 3.655153062767121, 30: 4.124310991683245}
"""Mean sum rate, bit/s/Hz, that WMMSE reaches from full power on 1000 problems of K links, by the
authors' own program (github.com/Haoran-S/SPAWC2017, commit 674df88; Sun et al., IEEE Trans. Signal
Process. 66(20), 2018): at most 100 iterations, stopped at 1e-3.
"""


def draw_problems(links, count):
    """Return the set's first power gains |h|², (count, links, links), receivers first."""
    rng = np.random.RandomState(7)
    parts = rng.randn(count, 2, links, links)
    return (parts**2).sum(axis=1) / 2


def solve_by_wmmse(gain, iterations=100):
    """Return powers of at most 1 by the equations of Shi et al. (2011), noise 1, link by link."""
    links = len(gain)
    h = np.sqrt(gain)
    v = np.ones(links)
    for _ in range(iterations):
        u, w = np.zeros(links), np.zeros(links)
        for k in range(links):
            u[k] = h[k, k] * v[k] / (sum(gain[k, j] * v[j] ** 2 for j in range(links)) + 1.0)
            w[k] = 1.0 / (1.0 - u[k] * h[k, k] * v[k])
        for k in range(links):
            price = sum(w[j] * u[j] ** 2 * gain[j, k] for j in range(links))
            v[k] = min(w[k] * u[k] * h[k, k] / price, 1.0)
    return v**2


def sum_rates(gain, power):
    """Return Σ log2(1 + SINR), bit/s/Hz."""
    received = gain @ power
    signal = np.diag(gain) * power
    return float(np.log2(1.0 + signal / (received - signal + 1.0)).sum())
