"""Log-distance path loss: a power law of the distance from a reference at 1 m."""

from sagin.types import Array, Float
from sagin.units import Numbers, as_float


def path_gain(
    distance_m: Numbers, exponent: Numbers, reference_gain: Numbers
) -> Float[Array, "..."]:
    """Return the power gain g_0·d^−α (slicing paper (1), (4), (8); relaying paper (13)–(15)).

    The arguments broadcast. The law is meant for d ≥ 1 m; below it the gain exceeds g_0, and d = 0
    gives inf.

    Args:
        distance_m: d, m, relative to 1 m.
        exponent: α.
        reference_gain: g_0, power ratio at 1 m.

    Returns:
        a ratio.

    >>> round(float(path_gain(100.0, 1.5, 1.0)), 6)  # 100^−1.5
    0.001
    """
    return as_float(reference_gain) * as_float(distance_m) ** -as_float(exponent)
