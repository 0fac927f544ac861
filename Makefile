# Needs only Python 3.11 or newer and make: every target builds what it needs in $(VENV).
# To choose another interpreter or place: make PYTHON=python3.12 VENV=/tmp/calaudit-venv demo

VENV ?= .venv
WORKERS ?= 2

# What make simulate measures, each simulation from its own seed, is kept with the revision.
REPLICATES ?= 200
RESULTS := tests/simulation/results.jsonl

# The newest interpreter that runs here, is new enough and can make an environment.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo "$$python" && break; done)

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What one run of the tests has compiled the next need not, nor the commands that tests start.
export PYTHONDONTWRITEBYTECODE =

# An editable install leaves the bytecode to the first run, which may not be allowed to write it.
COMPILE := $(BIN)/python -m compileall -q calaudit

.DEFAULT_GOAL := help
.PHONY: help demo test slow simulate lint docs bench peers golden clean

help: ## Say what the targets do.
	@echo "calaudit: audit the calibration of a file of predictions."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/.runtime ## Audit a sample file, an overconfident network; find a spam filter's cutoff.
	$(BIN)/calaudit evaluate sample_data/digits_logits.parquet
	$(BIN)/calaudit audit sample_data/digits_logits.parquet --split split=validation \
		--plot --output demo.html
	$(BIN)/calaudit threshold sample_data/spam_filter.csv \
		--positive spam --cost-fp 10 --cost-fn 1 --current 0.5

test: $(VENV)/.dev ## Run the tests, except the slow ones.
	$(BIN)/python -m pytest -n $(WORKERS) -m "not peers and not slow"

slow: $(VENV)/.dev ## Run the slow tests: simulated coverage, error rates and power, large files.
	$(BIN)/python -m pytest -n $(WORKERS) -m "slow and not peers and not simulate"

simulate: $(VENV)/.dev ## Run the simulations and searches that take too long for every change.
	git log -1 --format='{"revision": "%h", "date": "%cs", "replicates": $(REPLICATES)}' >$(RESULTS)
	CALAUDIT_REPLICATES=$(REPLICATES) CALAUDIT_RESULTS=$(abspath $(RESULTS)) \
		$(BIN)/python -m pytest -n $(WORKERS) -m simulate; status=$$?; \
		{ head -n 1 $(RESULTS); tail -n +2 $(RESULTS) | sort; } >$(RESULTS).sorted && \
		mv $(RESULTS).sorted $(RESULTS); exit $$status

lint: $(VENV)/.dev ## Check style, formatting, types and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev ## Build the documentation into site/, and refuse broken links and requests to the network.
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

bench: $(VENV)/.dev ## Time calaudit against other tools and bare reading (needs 3 GB in benchmarks/data).
	$(BIN)/python -m benchmarks

peers: $(VENV)/.peers ## Compare the figures with those of other tools (a large download).
	$(BIN)/python -m pytest -m peers

golden: $(VENV)/.dev ## Write the golden files of the renderers anew; read the diff afterwards.
	CALAUDIT_REFRESH_GOLDEN=1 $(BIN)/python -m pytest -q tests/findings tests/report tests/cli tests/test_readme.py

clean: ## Remove caches and built files; the environment stays.
	rm -rf build demo.html dist htmlcov site .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache benchmarks/data
	find benchmarks calaudit docs sample_data tests -name __pycache__ -type d -prune -exec rm -rf {} +

# pip is the last thing that venv installs, so its presence means a whole environment.
$(BIN)/pip:
	@if [ -z "$(PYTHON)" ]; then \
		echo "calaudit needs Python 3.11 or newer with the venv module, and found none." >&2; \
		echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv)," >&2; \
		echo "or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "calaudit needs Python 3.11 or newer; $(PYTHON) is not." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; \
		exit 1; }
	@echo "Making the environment $(VENV) with $(PYTHON) …"
	@"$(PYTHON)" -m venv "$(VENV)"

$(VENV)/.runtime: pyproject.toml | $(BIN)/pip
	@echo "Installing calaudit and what it needs …"
	@$(INSTALL) --editable ".[pictures]"
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/pip
	@echo "Installing calaudit, its tests and its linters …"
	@$(INSTALL) --editable ".[dev]"
	@$(COMPILE)
	@touch $@ $(VENV)/.runtime

$(VENV)/.peers: pyproject.toml | $(BIN)/pip
	@echo "Installing calaudit, its tests and the tools it is compared with …"
	@$(INSTALL) --editable ".[dev,peers]"
	@touch $@ $(VENV)/.dev $(VENV)/.runtime
