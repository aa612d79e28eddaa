"""The audit of a stored training's critics, seed by seed."""

from pathlib import Path

import jax

from sagin.errors import StoreError
from sagin.learning import checkpoint
from sagin.learning.audit import CriticAudit, audit_critics
from sagin.learning.programs import outline_state
from sagin.training.run import CHECKPOINT, compile_run, locate_seed, make_seed_key, read_run

AUDIT_SEED = 2**31 + 2
"""Seed of the slots of audits; trainings, validations and tests use other seeds."""


def audit_seeds(folder: Path, *, slots: int = 10_000, switched: int = 64) -> list[CriticAudit]:
    """Return the audit of each seed's last critics.

    Args:
        folder: a folder that `sagin train` wrote.
        slots: number of fresh slots for R².
        switched: number of slots in which every choice is switched.

    Raises:
        InputError: the run's learner has no critics of actions.
        StoreError: a seed has no checkpoint.
    """
    run, seeds = read_run(folder)
    audits = []
    for number in range(seeds):
        path = locate_seed(folder, number) / CHECKPOINT
        if not path.exists():
            raise StoreError(f"{path}: there is none (allowed: a run that has been trained)")
        state = checkpoint.load(path, outline_state(compile_run(run.task), make_seed_key(run, 0)))
        key = jax.random.key(AUDIT_SEED)
        audits.append(audit_critics(key, run.task, state, slots=slots, switched=switched))
    return audits
