# The two commands of the README, and what developers need. Everything is set up on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
LINT_HOME := $(CURDIR)/.state/lint

# Imports are three times faster with compiled bytecode, so it is always written.
unexport PYTHONDONTWRITEBYTECODE
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DAGSTER_HOME := $(CURDIR)

PIP := $(BIN)/python -m pip --disable-pip-version-check install --no-input --require-hashes --no-deps --no-compile

.DEFAULT_GOAL := help
.PHONY: help run test bench lint format dev lock clean

help: ## Show this list.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.ready ## Run the demo company's night, end to end, offline.
	@$(BIN)/python -m demo

test: $(VENV)/.ready-dev ## Run all tests.
	@$(BIN)/python -m pytest -n 2

bench: $(VENV)/.ready-dev ## Measure crawling and loading, beside Scrapy, DuckDB and Polars (docs/bench.md).
	@$(BIN)/python -m bench

lint: $(VENV)/.ready-dev ## Check format, style, types, SQL, dbt's and Dagster's definitions.
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	@rm -rf $(LINT_HOME) && $(BIN)/voc init $(LINT_HOME) >/dev/null
	cd dbt_project && VOC_LAKE=$(LINT_HOME)/lake VOC_BUILD_DB=$(LINT_HOME)/warehouse.duckdb ../$(BIN)/dbt --quiet --warn-error \
	  parse --no-partial-parse --profiles-dir . --target-path $(LINT_HOME)/dbt --log-path $(LINT_HOME)/dbt
	VOC_LAKE=$(LINT_HOME)/lake VOC_BUILD_DB=$(LINT_HOME)/warehouse.duckdb $(BIN)/sqlfluff lint --processes 2 dbt_project/models
	VOC_HOME=$(LINT_HOME) $(BIN)/dagster definitions validate -m orchestration.definitions

format: $(VENV)/.ready-dev ## Put the code into its format.
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

dev: $(VENV)/.ready ## Show the demo deployment (or VOC_HOME's) in Dagster's web page, on loopback.
	@test -n "$$VOC_HOME" || test -d .demo || { echo "There is no deployment to show yet: call make run first, or set VOC_HOME." >&2; exit 1; }
	@$(BIN)/dagster dev -h 127.0.0.1 -m orchestration.definitions

# jieba-fast is left out: bixin asks for it, jieba stands in for it, and it needs a C compiler.
lock: $(VENV)/.ready-dev ## Pin the requirements anew.
	@$(BIN)/python -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --strip-extras --unsafe-package jieba-fast --all-build-deps -o requirements.lock pyproject.toml
	@$(BIN)/python -m piptools compile -q --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --strip-extras --unsafe-package jieba-fast -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove the environment, the demo deployment and all run state.
	rm -rf $(VENV) .demo .state dbt_project/target

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "Python 3.11 is needed; $(PYTHON) is another. Install it, or call: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@echo "Setting up the environment in $(VENV) (once; needs the package registry) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) -qq -r requirements.lock
	@$(BIN)/python -m pip --disable-pip-version-check install -q --no-deps --no-build-isolation --no-compile -e .
	@$(BIN)/python -m compileall -q -j 2 $(VENV)/lib . -x '/(\.demo|\.state|node_modules|test|tests)/' || true
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Adding the tools for tests and checks …"
	@$(PIP) -qq -r requirements-dev.lock
	@$(BIN)/python -m compileall -q -j 2 $(VENV)/lib || true
	@touch $@
