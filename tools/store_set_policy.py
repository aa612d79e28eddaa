"""Store the set policy of a training run in the package, in half precision.

    sagin train paper ... --algorithm set-policy --out runs/set-policy
    python tools/store_set_policy.py runs/set-policy

`make set-policy` runs both with the settings of the stored policy.
"""

import json
import sys
from pathlib import Path

import numpy as np

from sagin.policies.set_policy.weights import flatten_weights
from sagin.provenance import collect_provenance
from sagin.training.policy import find_best, read_policy
from sagin.training.set_policy import bare

TARGET = Path(__file__).parents[1] / "src" / "sagin" / "policies" / "set-policy.npz"

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    run, actors = read_policy(folder)
    about = {"plan": run.to_plain(), "seed": find_best(folder).parent.name}
    text = json.dumps({**about, "provenance": collect_provenance()})
    weights = flatten_weights(bare(actors[0])).astype(np.float16)
    np.savez_compressed(TARGET, weights=weights, about=np.array(text))
    print(f"wrote {TARGET.name}: {weights.size} numbers, {TARGET.stat().st_size} bytes")
