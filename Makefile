# Everything a person or CI runs. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup servers demo test serve bench torture soak audit check format lint types clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: .venv/.ready ## make .venv with tocsin in it

.venv/.ready: pyproject.toml uv.lock .ci/setup
	@$(PYTHON) .ci/setup

servers: .venv-matrix/.ready ## a Matrix homeserver for the tests, in an environment of its own (.venv-matrix)

.venv-matrix/.ready: .ci/synapse.txt .ci/servers | .venv/.ready
	@$(PYTHON) .ci/servers

demo: setup ## see the whole thing work: a small newsroom, the rules, real deliveries
	@$(BIN)/python tests/newsroom/demo.py

test: setup ## run the tests
	@$(BIN)/python -m pytest -n auto

serve: setup ## watch for real, on a schedule, until Ctrl-C
	@$(BIN)/tocsin serve

bench: setup ## what things cost here, each beside a floor
	@$(BIN)/uv sync --frozen --quiet --inexact --group bench --extra dask || echo "bench: no reader and no Dask here; their rows are left out"
	@$(BIN)/python tests/bench/bench.py

torture: setup ## 1,000 alerts to flaky receivers, senders killed a hundred times: is anything lost?
	@$(BIN)/python tests/torture.py

soak: setup ## two weeks of ticks on a clock that runs ahead, then real ones: does anything grow for ever?
	@$(BIN)/python tests/soak.py

audit: setup ## are there known holes in what tocsin stands on? (asks the package index's advisory service)
	@$(BIN)/uv sync --frozen --quiet --group audit
	@mkdir -p build
	@$(BIN)/uv export --frozen --quiet --no-default-groups --no-emit-project --output-file build/audited.txt
	@$(BIN)/pip-audit --requirement build/audited.txt --require-hashes --disable-pip --strict

check: lint types ## lint, types, and the shipped sources and rules
	@$(BIN)/tocsin check
	@$(BIN)/tocsin test --coverage

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

format: setup ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove the environment and what was built; data/ stays
	rm -rf .venv .venv-matrix dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
