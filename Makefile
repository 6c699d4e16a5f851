# Everything is built in .venv; `make` alone says what there is to make.
# Works with GNU make 3.81 and the tools of macOS as well as with those of Debian.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BROWSER := $(VENV)/.browser
BENCH := $(VENV)/.bench
PACKAGES := -e '.[postgres,similar]' -e 'plugins/tj[sandbox]' -e plugins/exoclick
PROJECTS := pyproject.toml plugins/tj/pyproject.toml plugins/exoclick/pyproject.toml
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Modules are compiled when they are first imported: doing all of them now takes much longer.
INSTALL := $(PIP) install -q --no-compile --no-build-isolation
# PYTHON=python3.12 chooses an interpreter; otherwise the newest that will do is found.
PYTHON ?=
ARGS ?=
# Compiled modules are kept, or each of the many processes would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test reliability bench lint types set-up pins clean
.DEFAULT_GOAL := help

help: ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile \
	    | while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

demo: $(BROWSER) ## set up, then upload sample creatives to the sandbox; again: nothing is sent
	@$(BIN)/cfu demo $(ARGS)

# Four at once: tests wait for pages as much as they compute.
test: $(BROWSER) ## set up, then run the tests (ARGS="-k name" picks some)
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

reliability: $(BROWSER) ## set up, then run the whole matrix of faults and print its table (long)
	@$(BIN)/python -m pytest -q -n auto --dist loadfile -m 'reliability or not reliability' $(ARGS)

bench: $(BENCH) ## set up, then measure and print one table (ARGS="plan startup" picks some; long)
	@$(BIN)/python -m benchmarks $(ARGS)

lint: $(READY) ## set up, then check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## set up, then check the types
	@$(BIN)/mypy

set-up: $(BROWSER) ## make .venv with everything in it, and find or install a browser

$(READY): $(PROJECTS) constraints.txt
	@set -e; \
	suits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
	if ! $(BIN)/python -c "$$suits" 2>/dev/null; then \
	    for python in $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3) ''; do \
	        if [ -n "$$python" ] && "$$python" -c "$$suits" 2>/dev/null; then break; fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo 'No Python >= 3.11 with venv was found; on Debian: apt install python3-venv' >&2; \
	        exit 2; \
	    fi; \
	    echo "Set-up: making $(VENV) with $$("$$python" --version) …"; \
	    "$$python" -m venv --clear $(VENV); \
	fi; \
	echo 'Set-up: installing the three packages and the development tools …'; \
	$(PIP) install -q -c constraints.txt --upgrade pip; \
	$(INSTALL) -c constraints.txt --group build; \
	$(INSTALL) -c constraints.txt --group dev $(PACKAGES)
	@touch $@

$(BROWSER): $(READY)
	@echo 'Set-up: looking for a browser …'
	@$(BIN)/python -m creative_flow.browser --install
	@touch $@

$(BENCH): $(BROWSER)
	@echo 'Set-up: installing what benchmarks compare with …'
	@$(INSTALL) -c constraints.txt --group bench
	@touch $@

pins: $(READY) ## renew constraints.txt: the newest releases that run on Python 3.11 too
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	    || { echo 'This takes a .venv of Python 3.11: make clean set-up PYTHON=python3.11' >&2; exit 2; }
	@$(INSTALL) --upgrade --upgrade-strategy eager pip --group build --group dev --group bench $(PACKAGES)
	@{ sed -n '/^#/p' constraints.txt; $(PIP) freeze --all --exclude setuptools --exclude-editable; } > constraints.new
	@mv constraints.new constraints.txt

clean: ## remove .venv and what tools leave behind; a demo's workspace stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src plugins tests examples -name __pycache__ -prune -exec rm -rf '{}' +
