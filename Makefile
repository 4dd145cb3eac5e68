# Everything that this Makefile makes lies in .venv/ and build/. `make help` lists the targets.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:

# The first Python 3.11 that can make an environment: a version manager's shim may be there and yet run nothing.
PYTHON ?= $(shell for each in python3.11 /usr/bin/python3.11 /usr/local/bin/python3.11 /opt/homebrew/bin/python3.11 python3; do \
	"$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { command -v "$$each"; break; }; done)

UV := build/tools/bin/uv
# Each stamp lies in the environment that it stands for, so that it goes with it.
SLUICE := .venv/made
LOCALSTACK := build/envs/localstack/made
PEERS := build/envs/peers/made
DBT := build/envs/dbt/made
PREFLIGHT := build/preflight
LOCKS := deploy/locks
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command 'make lock'
SYNC := --quiet --require-hashes --build-constraints $(LOCKS)/build.txt
BIN := .venv/bin
DATABASE ?= build/local/warehouse.duckdb
OF_PROJECT := --quiet --project-dir sql/warehouse --profiles-dir sql/warehouse --target-path $(CURDIR)/build/dbt --log-path $(CURDIR)/build/dbt/logs
BENCH := $(or $(PART),jobs peers)

.PHONY: help setup demo test lint types models bench profile faults fuzz lock clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SLUICE) $(LOCALSTACK) ## Make the environments and bring the jars; does only what is missing.
	@$(BIN)/python -m localstack.jars

demo: setup ## Start everything, feed it, show what comes out, stop it. KEEP=1 leaves it running.
	@$(BIN)/sluice demo $(if $(KEEP),--keep)

test: setup $(DBT) ## Run all tests. ARGS="-m 'not servers'" passes options on; --transactions 100000 sends more past the oracle.
	@$(BIN)/pytest --numprocesses 2 --dist loadscope --max-worker-restart 0 $(ARGS)

lint: $(SLUICE) ## Check style and format.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(SLUICE) ## Check the types.
	@$(BIN)/mypy .

models: export SLUICE_WAREHOUSE__DATABASE = $(abspath $(DATABASE))
models: $(DBT) ## Build the warehouse's models by dbt, test them on what is loaded, document them. DATABASE=file.
	@[ -f "$(DATABASE)" ] || { echo "there is no warehouse at $(DATABASE): run sluice load, or name it with DATABASE=" >&2; exit 1; }
	@build/envs/dbt/bin/dbt build $(OF_PROJECT)
	@build/envs/dbt/bin/dbt docs generate --static $(OF_PROJECT)
	@echo "all tests of the models passed; what they are is in build/dbt/static_index.html"

bench: setup $(if $(filter peers,$(BENCH)),$(PEERS)) ## Measure the jobs, and a small one beside other systems. PART=curves (or jobs, peers, steady), ARGS="--rounds 1".
	@$(if $(filter peers,$(BENCH)),$(BIN)/python -m localstack.jars peers)
	@for part in $(BENCH); do $(BIN)/python -m bench $$part $(ARGS) || exit; done

profile: setup ## Show where the deciding job's processor time goes, by process, thread, step and module; draws build/profile.svg.
	@$(BIN)/python -m bench profile $(ARGS)

faults: setup ## Break what can break on a real cluster, and show that nothing is lost. CASE=name, SEED=1, LIST=1, SOAK=30 (minutes).
	@$(BIN)/python -m bench.faults $(foreach each,$(CASE),--case $(each)) $(if $(SEED),--seed $(SEED)) $(if $(LIST),--list) $(if $(SOAK),--soak $(SOAK))

fuzz: $(SLUICE) ## Throw messages at the gate that try to break it. COUNT=1000000, SEED=1.
	@$(BIN)/python -m tests.udfs.gate_fuzz $(if $(COUNT),--inputs $(COUNT)) $(if $(SEED),--seed $(SEED))

lock: $(UV) ## Bring the locks in line with setup.py and the .in files beside them.
	$(UV) pip compile $(COMPILE) $(LOCKS)/build.in -o $(LOCKS)/build.txt
	$(UV) pip compile $(COMPILE) $(LOCKS)/dbt.in -o $(LOCKS)/dbt.txt
	$(UV) pip compile $(COMPILE) $(LOCKS)/localstack.in -o $(LOCKS)/localstack.txt
	$(UV) pip compile $(COMPILE) $(LOCKS)/peers.in -o $(LOCKS)/peers.txt
	$(UV) pip compile $(COMPILE) setup.py --extra dev -o $(LOCKS)/sluice.txt

clean: ## Stop what runs and remove all that was made.
	@if [ -x $(BIN)/sluice ]; then $(BIN)/sluice down; fi
	rm -rf build .venv *.egg-info

$(PREFLIGHT): sluice/commands/preflight.py
	@if ! "$(PYTHON)" -c '' 2>/dev/null; then echo "sluice: Python 3.11 with venv is missing: install it (Debian: python3.11-venv), or name it with make PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" sluice/commands/preflight.py
	@mkdir -p build && touch $@

$(UV): $(LOCKS)/build.txt | $(PREFLIGHT)
	@echo "tools: uv"
	@"$(PYTHON)" -m venv --clear build/tools
	@build/tools/bin/python -m pip install --quiet --require-hashes -r $(LOCKS)/build.txt
	@touch $@

$(SLUICE): $(LOCKS)/sluice.txt setup.py $(UV)
	@echo "environment: Sluice"
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python "$(PYTHON)" .venv
	@$(UV) pip sync $(SYNC) --python $(BIN)/python $(LOCKS)/sluice.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(LOCALSTACK): $(LOCKS)/localstack.txt $(UV)
	@echo "environment: LocalStack"
	@[ -x build/envs/localstack/bin/python ] || $(UV) venv --quiet --python "$(PYTHON)" build/envs/localstack
	@$(UV) pip sync $(SYNC) --python build/envs/localstack/bin/python $(LOCKS)/localstack.txt
	@touch $@

$(PEERS): $(LOCKS)/peers.txt $(UV)
	@echo "environment: the peers of the benchmark"
	@[ -x build/envs/peers/bin/python ] || $(UV) venv --quiet --python "$(PYTHON)" build/envs/peers
	@$(UV) pip sync $(SYNC) --python build/envs/peers/bin/python $(LOCKS)/peers.txt
	@touch $@

$(DBT): $(LOCKS)/dbt.txt $(UV)
	@echo "environment: dbt"
	@[ -x build/envs/dbt/bin/python ] || $(UV) venv --quiet --python "$(PYTHON)" build/envs/dbt
	@$(UV) pip sync $(SYNC) --python build/envs/dbt/bin/python $(LOCKS)/dbt.txt
	@touch $@
