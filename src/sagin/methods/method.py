"""A method as a row: what decides in one of the systems, wherever it comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sagin.errors import InputError

OWN = "sagin"
"""Source of the methods that come with sagin."""
System = Literal["slicing", "relaying"]
Track = Literal["free", "priority"]
KINDS = {
    "slicing": ("policy", "prepare", "act", "allocate", "learn"),
    "relaying": ("decide",),
}
"""What a method may give, by system."""


@dataclass(frozen=True)
class Method:
    """A method with a name; it gives exactly one of the ways to decide of its system.

    >>> Method("mine", "serves nobody", act=lambda observations: {}).kind
    'act'
    """

    name: str
    text: str = ""
    """What it does, in one clause."""
    system: System = "slicing"
    policy: Any = None
    """Slicing: a `sagin.slicing.policy.Policy`, pure JAX; compiled and batched."""
    prepare: Callable[..., Any] | None = None
    """Slicing: prepare(scenario) -> Policy, for a scenario all of whose users take part."""
    act: Callable[..., Any] | None = None
    """Slicing: act(observations) -> actions, both flat NumPy vectors by agent, once per layer."""
    reset: Callable[..., Any] | None = None
    """Beside `act`: reset(game), called with the `SlicingGame` before an evaluation begins."""
    allocate: Callable[..., Any] | None = None
    """Slicing: allocate(scenario, states) -> Allocation of a batch of slots, as a planner does."""
    learn: Callable[..., Any] | None = None
    """Slicing: learn(scenario, settings, folder) -> Policy. It is handed training and validation
    keys only.
    """
    decide: Any = None
    """Relaying: a `sagin.relaying.decision.DecisionRule`, which decides the relays' positions and
    the powers of all links, per drop.
    """
    track: Track = "free"
    """free: any allocation. priority: it keeps the quotas of the load balancing's priority."""
    users: int | None = None
    """K_s for which it works; None: any."""
    source: str = OWN
    """Where it comes from: sagin, package.module:object, or a folder."""
    digest: str = ""
    """Hash of what decides its numbers where that is not sagin's own source: file or folder."""

    def __post_init__(self) -> None:
        """Check that there is a name and exactly one way to decide.

        Raises:
            InputError: otherwise.
        """
        if not self.name or any(not char.isprintable() for char in self.name):
            raise InputError(f"method {self.name!r}: its name has to be printable and not empty")
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
        """Way to decide that it gives."""
        return next(kind for kind in KINDS[self.system] if self._get(kind) is not None)

    @property
    def place(self) -> str:
        """Text by which `find_method` finds it, in another process, too."""
        return self.name if self.source == OWN else self.source

    def describe(self) -> dict[str, Any]:
        """Return name, system, kind, track, needs and source as plain data."""
        names = ("name", "text", "system", "kind", "track", "users", "source")
        return {name: getattr(self, name) for name in names}

    def check_users(self, users: int) -> "Method":
        """Return the method if it works for so many users of a slice; InputError otherwise."""
        if self.users is not None and self.users != users:
            raise InputError(
                f"method {self.name!r}: made for {self.users} users of each slice, not {users} "
                f"(allowed: {self.users})"
            )
        return self
