"""A method as a table row: the decision rule of one of the systems, from any source."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sagin.errors import InputError

OWN = "sagin"
"""Source of the methods that sagin contains."""
System = Literal["slicing", "relaying"]
Track = Literal["free", "priority"]
KINDS = {
    "slicing": ("policy", "prepare", "act", "allocate", "learn"),
    "relaying": ("decide",),
}
"""Allowed ways to decide, by system."""


@dataclass(frozen=True)
class Method:
    """A named method, with exactly one of its system's ways to decide.

    >>> Method("mine", "serves nobody", act=lambda observations: {}).kind
    'act'
    """

    name: str
    text: str = ""
    """What the method does, in one clause."""
    system: System = "slicing"
    policy: Any = None
    """Slicing: a `sagin.slicing.policy.Policy` in pure JAX; compiled and batched."""
    prepare: Callable[..., Any] | None = None
    """Slicing: prepare(scenario) -> Policy, for a scenario in which all users take part."""
    act: Callable[..., Any] | None = None
    """Slicing: act(observations) -> actions, both one flat NumPy vector per agent; called per
    layer.
    """
    reset: Callable[..., Any] | None = None
    """With `act`: reset(game), called with the `SlicingGame` before each evaluation."""
    allocate: Callable[..., Any] | None = None
    """Slicing: allocate(scenario, states) -> Allocation of a batch of slots, like a planner."""
    learn: Callable[..., Any] | None = None
    """Slicing: learn(scenario, settings, folder) -> Policy. It receives only training and
    validation keys.
    """
    decide: Any = None
    """Relaying: a `sagin.relaying.decision.DecisionRule`, which decides the relays' positions and
    the powers of all links, per drop.
    """
    track: Track = "free"
    """free: any allocation. priority: the method keeps the quotas of the load balancing's priority.
    """
    users: int | None = None
    """Values of K_s for which the method works; None: any."""
    source: str = OWN
    """Origin of the method: sagin, package.module:object, or a folder."""
    digest: str = ""
    """Hash of the file or folder that defines the method, if that is not sagin's own source."""

    def __post_init__(self) -> None:
        """Check that there is a name and exactly one way to decide.

        Raises:
            InputError: otherwise.
        """
        if not self.name or any(not char.isprintable() for char in self.name):
            raise InputError(f"method {self.name!r}: the name must be printable and not empty")
        provided = [
            kind for kinds in KINDS.values() for kind in kinds if self._get(kind) is not None
        ]
        allowed = KINDS[self.system]
        if len(provided) != 1 or provided[0] not in allowed:
            raise InputError(
                f"method {self.name!r}: gives {', '.join(provided) or 'nothing'}; allowed for "
                f"{self.system}: exactly one of {', '.join(allowed)}"
            )

    def _get(self, kind: str) -> Any:
        return getattr(self, kind)

    @property
    def kind(self) -> str:
        """Name of the field by which the method decides."""
        return next(kind for kind in KINDS[self.system] if self._get(kind) is not None)

    @property
    def place(self) -> str:
        """Text by which `find_method` finds the method, also in another process."""
        return self.name if self.source == OWN else self.source

    def describe(self) -> dict[str, Any]:
        """Return name, system, kind, track, requirements and source as plain data."""
        names = ("name", "text", "system", "kind", "track", "users", "source")
        return {name: getattr(self, name) for name in names}

    def check_users(self, users: int) -> "Method":
        """Return the method if it works for this number of users per slice; else InputError."""
        if self.users is not None and self.users != users:
            raise InputError(
                f"method {self.name!r}: made for {self.users} users of each slice, not {users} "
                f"(allowed: {self.users})"
            )
        return self
