#!/bin/sh
# Test an installed sagin outside a checkout: its commands, files and extras.
set -e
sagin --version
sagin methods > methods.txt && grep -q set-policy methods.txt
sagin samples samples
sagin relay --drops 20 --quiet --set sites.file=samples/sites.csv --geojson net.geojson --users h3 > relay.txt
sagin slice small --slots 2 --seeds 2 --quiet --method set-policy > slice.txt
sagin plan small > plan.txt
python - <<'PYTHON'
import gymnasium
import pettingzoo

import sagin.interop.gymnasium

gymnasium.make("sagin/Slicing-v0").reset(seed=0)
PYTHON
echo "The wheel works."
