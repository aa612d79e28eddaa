"""What a foreign method does wrong, told in one line that names the method."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputError, SaginError

LONGEST = 200
"""Characters of a foreign error's text that are shown."""


def call_foreign(name: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function of a method and return what it returns.

    Raises:
        InputError: whatever it raised, with the place, in one line that names the method.
    """
    try:
        return function(*args)
    except (KeyboardInterrupt, SaginError):
        raise
    except Exception as error:  # a foreign function may raise anything
        frames = traceback.extract_tb(error.__traceback__)
        position = (
            f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
        )
        text = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST]
        raise InputError(f"method {name!r}: raised {text}{position}") from None


def check_vectors(name: str, actions: Any, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Return a method's actions as flat vectors of each agent.

    Args:
        name: of the method.
        actions: what it returned.
        sizes: how many numbers in [0, 1] each agent has to give.

    Raises:
        InputError: an agent, shape, NaN or number out of range, in one line.
    """
    if not isinstance(actions, Mapping):
        raise InputError(
            f"method {name!r}: returned a {type(actions).__name__} (allowed: a dict by agent)"
        )
    for agent in sizes:
        if agent not in actions:
            raise InputError(f"method {name!r}: no action of {agent} (allowed: of all agents)")
    unknown = [str(agent) for agent in actions if agent not in sizes]
    if unknown:
        allowed = ", ".join(sizes)
        raise InputError(f"method {name!r}: action of {unknown[0]!r} (allowed: {allowed})")
    return {
        agent: _check_vector(name, agent, actions[agent], size) for agent, size in sizes.items()
    }


def _check_vector(name: str, agent: str, action: Any, size: int) -> np.ndarray:
    try:
        vector = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"method {name!r}: action of {agent}: not numbers") from None
    if vector.shape != (size,):
        raise InputError(
            f"method {name!r}: action of {agent}: shape {vector.shape} (allowed: ({size},))"
        )
    wrong = np.flatnonzero(~((vector >= 0.0) & (vector <= 1.0)))
    if wrong.size:
        raise InputError(
            f"method {name!r}: action of {agent}: number {wrong[0]} is {vector[wrong[0]]:g} "
            "(allowed: 0 to 1)"
        )
    return vector
