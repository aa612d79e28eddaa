"""Power control by fractional programming: random problems of 30 links, one starting point each."""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.measure import run_function


def time_power(problems: int, count: int, steps: int) -> float:
    """Return the smallest CPU seconds of five runs over a batch, without compilation."""
    import jax
    import jax.numpy as jnp

    from sagin.optimise.power import LinkGains, compute_sinrs, maximise

    def solve(cross):
        others = cross * (1.0 - jnp.eye(count))
        ends = jnp.diagonal(cross), others, jnp.arange(count), jnp.ones(count)
        links = LinkGains(*ends)

        def rate(power):
            return jnp.sum(jnp.log1p(compute_sinrs(links, power)))

        return maximise(links, jnp.ones(count), rate, jnp.ones_like, steps=steps)[1]

    gains = 10.0 * jax.random.exponential(jax.random.key(0), (problems, count, count))
    go, times = jax.jit(jax.vmap(solve)), []
    for _ in range(6):
        started = time.process_time()
        jax.block_until_ready(go(gains))
        times.append(time.process_time() - started)
    return min(times[1:])


def rows(quick: bool = False) -> Iterator[Figure]:
    """Yield the time with few steps and with many."""
    problems = 10 if quick else 1000
    for steps in (12,) if quick else (12, 100):
        seconds = run_function(time_power, problems, 30, steps, cores=1).value
        what = f"{problems} problems of 30 links, {steps} steps, one start, one core"
        yield Figure(what, seconds, "CPU s", "≤ 0.040, as WMMSE in NumPy")
