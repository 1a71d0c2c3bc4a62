# `make` lists what there is. Override on the command line: make run PYTHON=python3.13 ARGS="--port 5001"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV ?= uv
ARGS ?=
PYTEST_ARGS ?=
# How many processes run the tests: a number, or `auto` for one a core.
TEST_PROCESSES ?= auto
LOCK_ARGS ?=

VENV := .venv
SDK_VENV := .venv-sdk
BIN := $(VENV)/bin

# Requirements come from the lock files, hash by hash; the project itself is installed as it stands here.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
LOCKED := $(PIP_INSTALL) --require-hashes
PROJECT := $(PIP_INSTALL) --no-deps --no-build-isolation --editable .

# One environment for both: once the development set is in, it serves `make run` too.
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev
SDK_READY := $(SDK_VENV)/.ready
READY := $(if $(wildcard $(DEV_READY)),$(DEV_READY),$(RUN_READY))

CODE := $(wildcard src tests benchmarks)
STYLED := $(CODE) $(wildcard migrations)

.PHONY: help
help: ## Show this list
	@echo "OpenAlgo: make <target>"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(READY) ## Install what is missing and start the server (ARGS="--port 5001" is passed on)
	@$(NODE_FITS) || test -x $(BIN)/npm || { \
		echo "Installing Node.js, to build the web app with"; \
		$(BIN)/python $(LOCKED) -r requirements/web.lock || \
		echo "There is no Node.js for the web app now. All else works; the next make run tries again." >&2; }
	@exec $(BIN)/openalgo serve $(ARGS)

.PHONY: setup
setup: $(DEV_READY) $(SDK_READY) ## Prepare the development environment and the client SDK's own

.PHONY: test
test: setup ## Lint, build, then run all tests (PYTEST_ARGS="-k orders" is passed on)
	@$(MAKE) --no-print-directory -j2 lint web-test
	@$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --maxprocesses 8 --dist loadfile \
		--no-loadscope-reorder $(PYTEST_ARGS)
	@$(JOURNEYS)

# Node.js of this machine, where it fits the "engines" of web/package.json, else that of the requirements.
NODE_FITS = command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
NPM = $(or $(shell $(NODE_FITS) && command -v npm),$(abspath $(BIN))/npm)
WEB_READY := web/node_modules/.ready
IN_WEB = cd web && PATH="$(dir $(NPM)):$$PATH" && "$(NPM)" run --silent

.PHONY: web-test
web-test: $(WEB_READY) ## Lint, build and test the web app, all but its journeys in a browser
	@$(IN_WEB) lint && "$(NPM)" run --silent build && "$(NPM)" run --silent test

.PHONY: web-journeys
web-journeys: web-test ## Go through the web app in a browser (CHROMIUM names one)
	@$(JOURNEYS)

define JOURNEYS
browser=$$(web/scripts/find-chromium.sh) || { \
	echo "The journeys in a browser are skipped: there is no Chromium here. Install one, or name it with CHROMIUM=..." >&2; \
	test -z "$$CI"; exit; }; \
export CHROMIUM="$$browser" OPENALGO_PYTHON="$(abspath $(BIN))/python" && $(IN_WEB) test:browser
endef

.PHONY: lint
lint: $(DEV_READY) ## Check style, formatting, types and the direction of imports
	@$(BIN)/ruff check $(STYLED)
	@$(BIN)/ruff format --check $(STYLED)
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(DEV_READY) ## Format the code and mend what can be mended automatically
	@$(BIN)/ruff check --fix-only $(STYLED)
	@$(BIN)/ruff format $(STYLED)

.PHONY: openapi
openapi: $(DEV_READY) ## Write the committed descriptions of the API anew
	@$(BIN)/openalgo openapi --output docs/openapi.json
	@$(BIN)/openalgo openapi --ui --output docs/ui-openapi.json

.PHONY: broker-report
broker-report: $(DEV_READY) ## Write the pages about brokers anew, from what their tests prove
	@$(BIN)/python -m tests.brokers.report

.PHONY: bench
bench: $(DEV_READY) ## Run the benchmarks (ARGS is passed on)
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: soak
soak: setup ## Run the long tests: minutes to hours
	@$(BIN)/python -m pytest -m soak --timeout=0 $(PYTEST_ARGS)

UV_COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(LOCK_ARGS)

.PHONY: lock
lock: ## Resolve the requirements again (needs uv; LOCK_ARGS=--upgrade takes the newest versions)
	@command -v $(UV) >/dev/null || { \
		echo "make lock needs uv: install it with pipx, or name it with UV=/path/to/uv" >&2; exit 1; }
	$(UV_COMPILE) --output-file requirements/dev.lock pyproject.toml --group dev
	$(UV_COMPILE) --output-file requirements/run.lock --constraint requirements/dev.lock pyproject.toml
	$(UV_COMPILE) --output-file requirements/build.lock --constraint requirements/dev.lock --group build
	$(UV_COMPILE) --output-file requirements/web.lock --constraint requirements/dev.lock --group web
	$(UV_COMPILE) --output-file requirements/sdk.lock requirements/sdk.in
	@! grep -nE '(https?|file):/' requirements/*.lock || { \
		echo "A lock file names an address; it may hold only names, versions and hashes." >&2; exit 1; }

.PHONY: clean
clean: ## Remove environments, caches and build results; data stays
	@rm -rf $(VENV) $(SDK_VENV) build dist web/dist web/node_modules
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(STYLED) -name __pycache__ -prune -exec rm -rf {} +

# An environment dies with the Python it was made from. It is then made anew, and what was in it installed again.
unless_alive = $(if $(shell $(1)/bin/python -c pass 2>/dev/null && echo alive),,FORCE)
NEW_VENV := $(call unless_alive,$(VENV))
NEW_SDK_VENV := $(call unless_alive,$(SDK_VENV))

.PHONY: FORCE
FORCE:

define create_venv
@command -v $(PYTHON) >/dev/null || { \
	echo "There is no $(PYTHON) here. OpenAlgo needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "OpenAlgo needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	echo "Name another one: make $(or $(MAKECMDGOALS),run) PYTHON=/path/to/python3.12" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "$(PYTHON) cannot create virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; \
	exit 1; }
@echo "Creating $(1)"
@$(PYTHON) -m venv --clear $(1)
endef

$(BIN)/python: $(NEW_VENV)
	$(call create_venv,$(VENV))

$(SDK_VENV)/bin/python: $(NEW_SDK_VENV)
	$(call create_venv,$(SDK_VENV))

$(RUN_READY): requirements/run.lock requirements/build.lock pyproject.toml $(NEW_VENV) | $(BIN)/python
	@echo "Installing the server's requirements"
	@$(BIN)/python $(LOCKED) -r requirements/run.lock -r requirements/build.lock
	@$(BIN)/python $(PROJECT)
	@touch $@

$(DEV_READY): requirements/dev.lock pyproject.toml $(NEW_VENV) | $(BIN)/python
	@echo "Installing the development requirements"
	@$(BIN)/python $(LOCKED) -r requirements/dev.lock
	@$(BIN)/python $(PROJECT)
	@touch $@

$(WEB_READY): web/package-lock.json web/package.json | $(DEV_READY)
	@echo "Installing the web app's requirements"
	@cd web && PATH="$(dir $(NPM)):$$PATH" "$(NPM)" ci --silent --ignore-scripts
	@touch $@

# The published client and this server share the import name `openalgo`, so the client lives apart.
$(SDK_READY): requirements/sdk.lock $(NEW_SDK_VENV) | $(SDK_VENV)/bin/python
	@echo "Installing the client SDK"
	@$(SDK_VENV)/bin/python $(LOCKED) -r requirements/sdk.lock
	@touch $@
