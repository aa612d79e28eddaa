"""Initial actions of actors: near the best constant action, if the settings ask for it."""

import dataclasses

from sagin.errors import InputError
from sagin.game.protocol import Vectors
from sagin.policies.constant import build_actions
from sagin.policies.constants import find_constant
from sagin.slicing.game import SlicingGame
from sagin.slicing.sections import Balancing, Uavs
from sagin.training.run import TrainingRun


def find_start(run: TrainingRun) -> Vectors | None:
    """Return the action by agent near which a run's actors start; None: random networks.

    It is the constant of the scenario under the paper's balancing with decided UAV positions, so
    that methods that differ in these start alike.

    Raises:
        InputError: the scenario leaves the number of users open; the message has one line.
    """
    if run.settings.network.start == "drawn":
        return None
    if run.scenario.game.least_users is not None:
        raise InputError(
            "settings: field 'network.start': 'constant' is not allowed: game.least_users leaves "
            "the number of users open (allowed: drawn)"
        )
    uavs = dataclasses.replace(run.scenario.uavs, placement=Uavs().placement)
    alike = dataclasses.replace(run.scenario, balancing=Balancing(), uavs=uavs)
    alike = dataclasses.replace(
        alike, objectives=dataclasses.replace(alike.objectives, reward="layer")
    )
    constant = find_constant(alike, run.settings.heads.quotas)
    return SlicingGame(run.scenario).to_vectors(build_actions(run.scenario, constant))
