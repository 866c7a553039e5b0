# One list of what can be done here; `make help` prints it. Nothing is installed outside this folder but the programs of
# Temporal's server, which go to the user's cache.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:

BIN := .venv/bin
RUN_STAMP := .venv/.installed-run
DEV_STAMP := .venv/.installed-dev
# A Python that we serve: PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$name && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Tests wait more than they compute, so there are more workers than cores.
WORKERS ?= 4
# They start hundreds of processes, each of which would compile all modules again where the shell lets Python keep none.
PYTEST ?= PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses=$(WORKERS) --no-loadscope-reorder
ARGS ?=
# The tests of the pages are `make docs`, which `make check` runs once.
TESTED = $(or $(ARGS),--ignore=tests/docs)

.PHONY: help demo test soak check format lint types contracts docs bench messages pins temporal temporal-server clean

help:  ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(RUN_STAMP) temporal  ## Install, get a Temporal server, and run the main job in the terminal
	@$(BIN)/dealflow demo $(ARGS)

test: $(DEV_STAMP) temporal  ## Run the tests on several workers (ARGS="tests/domain -k deal" for some)
	@$(PYTEST) $(TESTED)

soak: $(DEV_STAMP) temporal  ## What `make test` takes a sample of: every combination, thousands of commands, whole imports
	@$(BIN)/python -m tests.support.running.temporal_on_postgres || [ -z "$${CI:-}" ]
	@$(PYTEST) -m soak $(ARGS)

check: $(DEV_STAMP) format lint types contracts docs temporal  ## Everything that CI checks: format, lint, types, contracts, docs, tests
	@# One test needs it, and is skipped where there is no Go; CI skips nothing.
	@$(BIN)/python -m tests.support.running.temporal_on_postgres || [ -z "$${CI:-}" ]
	@echo "== tests"
	@$(PYTEST) $(TESTED)

format: $(DEV_STAMP)  ## Is every file formatted? (`.venv/bin/ruff format` does it)
	@echo "== format"
	@$(BIN)/ruff format --check .

lint: $(DEV_STAMP)  ## The rules in pyproject.toml
	@echo "== lint"
	@$(BIN)/ruff check .

types: $(DEV_STAMP)  ## Strict types
	@echo "== types"
	@$(BIN)/mypy

contracts: $(DEV_STAMP)  ## Do imports point one way, in every package?
	@echo "== contracts"
	@$(BIN)/lint-imports --no-logo

docs: $(DEV_STAMP) temporal  ## Does what the pages show run, and is what they name there?
	@echo "== docs"
	@$(PYTEST) -m "not soak" tests/docs

bench: $(DEV_STAMP) temporal  ## Measure: a table, and a JSON file under bench/results
	@if [ -f bench/__main__.py ]; then $(BIN)/python -m bench $(ARGS); else echo "There is no benchmark here yet." >&2; exit 1; fi

temporal: $(RUN_STAMP)
	@$(BIN)/python -m dealflow.adapters.temporal_server.find

# What the production set-up runs, for the test of it: built with Go, seconds where the program above was built as well.
temporal-server: $(DEV_STAMP) temporal
	@$(BIN)/python -m tests.support.running.temporal_on_postgres

messages: $(DEV_STAMP)  ## Bring the catalogues of texts up to date with the source
	@$(BIN)/python -m tools.messages

pins:  ## Write the pinned requirements anew from pyproject.toml (ARGS=--upgrade for the newest)
	@tools/pins.sh $(ARGS)

clean:  ## Remove what was installed and cached in this folder (not .dealflow, which holds your deals)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11, 3.12 or 3.13 is needed, and none is on PATH (make PYTHON=/path/to/it ...)." >&2; exit 1; fi
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# The two stamps: nothing is done while they are newer than what they were made from.
$(RUN_STAMP): requirements.txt pyproject.toml tools/hatch_build.py | $(BIN)/python
	@echo "Installing what dealflow needs into .venv (pinned, checked by hash; about a minute the first time)"
	@$(PIP) install --require-hashes --no-deps --requirement requirements.txt | $(PROGRESS)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(RUN_STAMP)
	@echo "Installing what the checks and tests need into .venv (pinned, checked by hash)"
	@$(PIP) install --require-hashes --no-deps --requirement requirements-dev.txt | $(PROGRESS)
	@touch $@

# One line that counts, instead of pip's three for every package; all of it where nobody watches.
PROGRESS := awk '/^Collecting/ {printf "  %d: %s\n", ++n, $$2; fflush()} /^Successfully/ {print "  done"}'
