# Everything installs into .venv by itself; `make help` lists the targets.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
export MPLBACKEND := Agg
export PYTHONWARNINGS :=
unexport VIRTUAL_ENV
# what the first process compiles to byte code, the others find
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help taste demo notebooks picture test check unit oldest wheel test-slow docs docs-serve fuzz bench format clean set-policy
.DEFAULT_GOAL := help

help:             ## list the targets
	@grep -E '^[a-z-]+: .*## |^[a-z-]+: *## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20

$(BIN)/uv: tools/find_python.sh
	python=$$(sh tools/find_python.sh) && "$$python" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@touch $@

$(VENV)/.run: $(BIN)/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --quiet --python $(VENV) -c constraints.txt -e .
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.all: $(BIN)/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --quiet --python $(VENV) -c constraints.txt --group test --group docs -e .
	$(BIN)/python -m compileall -q src
	@touch $@ $(VENV)/.run

$(OLDEST)/.all: $(BIN)/uv pyproject.toml constraints.txt
	python=$$(sh tools/find_python.sh oldest) && "$$python" -m venv --clear $(OLDEST)
	$(BIN)/uv pip install --quiet --python $(OLDEST) -c constraints.txt --group test -e .
	@touch $@

# short runs: programs that compile fast rather than run fast
FAST := JAX_DISABLE_MOST_OPTIMIZATIONS=1 $(BIN)/sagin
# one line a step; all that a command says is shown where it fails
STEPS := out/steps
step = @mkdir -p $(STEPS) && { $(2) > $(STEPS)/$@.txt 2>&1 || { cat $(STEPS)/$@.txt; exit 1; }; } && echo "$(1)"

taste: $(VENV)/.run  ## one minute: a relaying run, a slicing run and a trained policy live, the rest from stored results
	@$(MAKE) --no-print-directory -j 2 taste-network taste-methods
	@$(BIN)/sagin report out/taste --stored results --brief
	@echo "Open out/taste/index.html in a browser."

.PHONY: taste-network taste-methods
taste-network: $(VENV)/.run
	$(call step,Relaying: 500 drops under a constellation.,$(FAST) relay walker --drops 500 --quiet --out out/taste/network/runs/walker)

taste-methods: $(VENV)/.run
	$(call step,Slicing: the trained set policy in 200 slots.,$(FAST) slice paper --method set-policy --slots 50 --seeds 4 --quiet --out out/taste/methods/runs/set-policy)

demo: $(VENV)/.run  ## three to five minutes: both papers' figures in short runs, beside the stored results of longer ones
	@$(MAKE) --no-print-directory -j 2 demo-network demo-methods
	@$(BIN)/sagin report out/demo --stored results --brief
	@echo "That is a first page; the papers' figures and a city follow."
	@$(MAKE) --no-print-directory -j 2 demo-relaying demo-slicing demo-city
	@$(BIN)/sagin report out/demo --stored results --brief
	@echo "Open out/demo/index.html in a browser."

.PHONY: demo-network demo-methods demo-relaying demo-slicing demo-city
demo-network: $(VENV)/.run
	$(call step,Relaying: 1000 drops under a constellation.,$(FAST) relay walker --drops 1000 --quiet --out out/demo/network/runs/walker)

demo-methods: $(VENV)/.run
	$(call step,Slicing: the trained set policy and greedy in 400 slots.,$(FAST) slice paper --method set-policy --method greedy --slots 20 --seeds 20 --quiet --out out/demo/methods/runs/set-policy)

# the figures that the papers print; the studies beyond them are on the page as stored
ACCOUNTS := -radiated -link -site
RELAYING := figure-2 figure-2-relays figure-3 figure-3-satellite figure-3-relays $(ACCOUNTS:%=figure-3%) $(ACCOUNTS:%=figure-3-relays%)
SLICING := figure-4-greedy figure-5-greedy figure-6-greedy figure-8 figure-9 figure-10-greedy figure-11-greedy figure-12-greedy
demo-relaying: $(VENV)/.run
	$(call step,The relaying paper's figures in the quick profile.,$(BIN)/sagin reproduce relaying $(RELAYING) --profile quick --no-draw --workers 1 --quiet --out out/demo/relaying)

demo-slicing: $(VENV)/.run
	$(call step,The slicing paper's figures in the quick profile.,$(FAST) reproduce slicing $(SLICING) --profile quick --no-draw --workers 1 --quiet --out out/demo/slicing)

# a small town of 60 users for four hours; the page has the whole day of the large one, stored
TOWN := --set users.high_throughput=20 --set users.low_delay=20 --set users.wide_coverage=20 --set radio.subcarriers=20 --set base_stations.capacity=6 --set uavs.capacity=8 --set satellites.capacity=3 --hours 4,10,16,22 --uavs 1 --drops 2
demo-city: $(VENV)/.run
	$(call step,A town of 60 users at four hours.,$(FAST) relieve town --quiet $(TOWN) --out out/demo/city)

picture: $(VENV)/.run  ## draw the animation of the README from the stored day of a city
	$(BIN)/sagin animate results/city --seconds 0.75 --out results/city/day.svg

notebooks: $(VENV)/.all  ## run the four notebooks and store their outputs
	$(BIN)/python tools/run_notebooks.py out/notebooks

SET_POLICY := runs/set-policy
# of the stored weights, minutes on a GPU; SLOTS=8 SAMPLES=8 UPDATES=2000 takes a core a quarter of an hour
SLOTS := 32
SAMPLES := 16
UPDATES := 7950
set-policy: $(VENV)/.run  ## train the set policy and store its weights in the package
	$(BIN)/sagin train paper --algorithm set-policy --set users.high_throughput=16 --set users.low_delay=16 --set users.wide_coverage=16 --set game.least_users=8 --setting set_policy.slots=$(SLOTS) --setting set_policy.samples=$(SAMPLES) --setting set_policy.horizon=$(UPDATES) --iterations $(UPDATES) --evaluate-every 250 --out $(SET_POLICY)
	$(BIN)/python tools/store_set_policy.py $(SET_POLICY)

test: check unit oldest wheel  ## all checks of CI: format, lint, types, layers, docs, tests

check: $(VENV)/.all  ## format, lint, types, import layers, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

unit: $(VENV)/.all  ## the tests, without the slow ones, on the newest Python
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

oldest: $(OLDEST)/.all  ## the core tests on the oldest supported Python and jax
	$(OLDEST)/bin/python -m pytest -q -n 2 --dist loadfile tests/core tests/geometry tests/radio tests/relaying/test_network.py tests/slicing/test_rounding.py tests/slicing/test_balancing.py tests/slicing/test_objectives.py tests/game/test_protocol.py

WHEEL := out/wheel
wheel: $(VENV)/.all  ## build the wheel and test it in a new environment outside the checkout
	rm -rf $(WHEEL) && $(BIN)/uv build --wheel --quiet --out-dir $(WHEEL)
	$(BIN)/uv venv --quiet --python $(BIN)/python $(WHEEL)/venv
	$(BIN)/uv pip install --quiet --python $(WHEEL)/venv -c constraints.txt "$$(ls $(WHEEL)/*.whl)[rl,geo]"
	cp tools/use_wheel.sh $(WHEEL) && cd $(WHEEL) && PATH="$$PWD/venv/bin:$$PATH" sh use_wheel.sh

test-slow: $(VENV)/.all  ## all tests, including the slow ones, with full compiler optimisation
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --optimised -m ""

docs: $(VENV)/.all  ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict --quiet

docs-serve: $(VENV)/.all  ## serve the documentation at localhost
	$(BIN)/mkdocs serve

fuzz: $(VENV)/.all  ## 100 000 damaged inputs for every reader and the command line
	PYTHONPATH=tests $(BIN)/python -m fuzzing

bench: $(VENV)/.all  ## measure times and memory
	$(BIN)/python -m benchmarks

format: $(VENV)/.all  ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove environments and built files
	rm -rf $(VENV) $(OLDEST) site dist build .pytest_cache .ruff_cache .hypothesis
