"""Report errors of foreign methods in one line that names the method."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputError, SaginError

LONGEST = 200
"""Largest number of characters of a foreign error's text that are shown."""


def call_foreign(name: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function of a foreign method and return its result.

    Raises:
        InputError: the function raised an exception; one line names the method, the exception and
            its place.
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
    """Return a method's actions as one flat vector per agent.

    Args:
        name: name of the method.
        actions: the return value of the method.
        sizes: length of each agent's action; each number is in [0, 1].

    Raises:
        InputError: an agent is missing, or a shape or number is wrong; the message has one line.
    """
    if not isinstance(actions, Mapping):
        raise InputError(
            f"method {name!r}: returned a {type(actions).__name__} (allowed: a dict by agent)"
        )
    for agent in sizes:
        if agent not in actions:
            raise InputError(
                f"method {name!r}: no action of {agent} (allowed: one action for each agent)"
            )
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
