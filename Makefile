# Everything a developer or a new user does here. `make help` lists it.
# Needs Python 3.11 to 3.14, git and make; everything else goes into .venv.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	&& { echo $$p; break; }; done)
UV := .venv/bin/uv
UV_VERSION := $(shell sed -n 's/^  "uv==\([0-9.]*\)".*/\1/p' pyproject.toml)
SYNC := $(UV) sync --frozen --compile-bytecode --quiet
PATHS := cli flows tasks mappings sandbox tests bench

# Bytecode is compiled once at installation: Prefect and Great Expectations start twice as fast.
export UV_COMPILE_BYTECODE := 1
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test test-long check format lint types bench pictures clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: .venv/.ready ## make .venv with the locked dependencies

.venv/.ready: pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.14 found. Install one, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv 2>/dev/null || $(MAKE) --no-print-directory venv-package
	@test -x $(UV) && $(UV) --version | grep -q "^uv $(UV_VERSION)\b" || .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	@echo "Installing the locked dependencies into .venv …"
	@$(SYNC)
	@touch $@

AS_ROOT := $(shell test "$$(id -u)" = 0 || echo sudo)
APT_INSTALL := $(AS_ROOT) apt-get update -q >/dev/null && \
	$(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends

# Debian and Ubuntu ship Python without the venv module's second half.
.PHONY: venv-package
venv-package:
	@rm -rf .venv
	@command -v apt-get >/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package." >&2; exit 1; }
	@echo "Installing Debian's python3-venv …"
	@$(APT_INSTALL) python3-venv >/dev/null
	@$(PYTHON) -m venv .venv

browser: ## install Debian's Chromium for the tests of Prefect's UI, which are skipped without a browser
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	command -v apt-get >/dev/null || { echo "No Chromium here, and no apt-get to install it with." >&2; exit 1; }; \
	echo "Installing Debian's chromium …"; $(APT_INSTALL) chromium >/dev/null; }

demo: setup ## load a sandbox into a hub, import notes and tasks into it, and undo that
	@.venv/bin/lusha-connect demo

test: setup ## the whole test suite
	@.venv/bin/python -m pytest -q -n logical --dist worksteal

# On the two kinds of database together; the kills are those of each kind and each of the two tests.
LONG := RANDOM_SCHEDULES=200 RANDOM_UNDOS=24 RANDOM_FREEZES=20 RANDOM_KILLS=20 RANDOM_DEATHS=20 RANDOM_RULES=300 \
	RANDOM_SETTLED=60
RANDOM := tests/tasks/load/test_any_fault.py tests/tasks/load/test_any_undo.py tests/tasks/load/test_frozen.py \
	tests/tasks/load/test_activities.py tests/flows/test_import_killed.py tests/flows/test_kill_and_resume.py \
	tests/flows/rules/test_faults.py tests/tasks/run/test_loops.py tests/flows/leads/test_lead_deaths.py \
	tests/tasks/load/test_settled.py

test-long: setup ## the random tests at length, for some minutes; RANDOM_SEED=… draws the same again
	@$(LONG) .venv/bin/python -m pytest -q -n logical --dist worksteal $(RANDOM)

check: format lint types test ## format, lint, types, tests

format: setup ## check the format (mend it: make format FIX=1)
	@.venv/bin/ruff format --quiet $(if $(FIX),,--check --diff) $(PATHS)

lint: setup ## lint (mend what can be mended: make lint FIX=1)
	@.venv/bin/ruff check --quiet $(if $(FIX),--fix) $(PATHS)
	@.venv/bin/lint-imports --no-cache --no-logo >/dev/null || .venv/bin/lint-imports --no-cache

types: setup ## type check, strict
	@.venv/bin/mypy

bench: setup ## what the README claims about speed and memory, measured here
	@$(SYNC) --group bench
	@.venv/bin/python -m bench
	@.venv/bin/python -m bench.activity
	@.venv/bin/python -m bench.leads

pictures: setup ## README's pictures of rules in a terminal and of Prefect's UI, taken anew (needs a browser)
	@.venv/bin/python -m tests.walk.terminal docs
	@PICTURES=docs .venv/bin/python -m pytest -q tests/walk/test_in_the_browser.py

# The rest of .lusha-connect is yours: the hub with its links, old values and tokens, and your runs' history.
clean: ## remove .venv, caches, the demo's hub, files and Prefect home; your own hub, runs and .env stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@rm -rf .lusha-connect/tests .lusha-connect/demo-prefect .lusha-connect/demo-files
	@rm -f .lusha-connect/demo.db .lusha-connect/demo.db-wal .lusha-connect/demo.db-shm
	@rmdir .lusha-connect 2>/dev/null || true
