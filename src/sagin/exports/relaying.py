"""A relaying run with a location as features: its network, its cell and the sites in it."""

from typing import cast

from sagin.exports.features import (
    Aggregation,
    Feature,
    check_origin,
    list_features,
    list_sites,
    make_disc,
)
from sagin.relaying.inputs import Inputs
from sagin.relaying.sites import read_sites
from sagin.studies.scene import Scene


def list_network_features(inputs: Inputs, scene: Scene, aggregation: str) -> list[Feature]:
    """List the features of a run's first drop, its cell, and its cell sites if there are any.

    The satellite of a circular pass has only a distance, so it has no position.

    Args:
        inputs: inputs of the run.
        scene: built from them by `build_scene`.
        aggregation: form of users: grid, h3 or none.
    """
    radius = inputs.scenario.base.cell_radius_m
    origin, file = check_origin(scene.origin_deg), inputs.scenario.sites.file
    sites = [] if file is None else list_sites(read_sites(file).list_rows(), origin, radius)
    features = list_features(scene, cast(Aggregation, aggregation))
    if inputs.track is None:
        names = {point.name for point in scene.points if point.kind == "LEO"}
        features = [
            feature
            for feature in features
            if not names & {feature.name, feature.properties.get("to")}
        ]
    return [make_disc(origin, radius, "cell of the GBS"), *sites, *features]
