"""TorchRL steps beyond the end of episodes, also in turn; its groups are as documented."""

import sys

from torchrl.envs.libs.pettingzoo import PettingZooWrapper
from torchrl.envs.utils import MarlGroupMapType

from sagin.game import TargetGame
from sagin.interop.gymnasium import make_slicing_game
from sagin.interop.pettingzoo import Parallel, Turns

ALONE = {"group_map": MarlGroupMapType.ONE_GROUP_PER_AGENT}
for env in (
    PettingZooWrapper(Parallel(TargetGame())),
    PettingZooWrapper(Turns(TargetGame()), use_mask=True),
    PettingZooWrapper(Parallel(make_slicing_game("small", ("game.slots=10",))), **ALONE),
):
    found = env.rollout(70, break_when_any_done=False)
    ends = found["next", "done"].flatten().nonzero()
    assert found.batch_size[0] == 70
    # at least 25 steps past the first end
    assert int(ends[0]) < 70 - 25
    sys.stdout.write(f"played 70 steps, {len(ends)} ends\n")
