# turquesa: tasks. Each does all of its own set-up in .venv from the hash-pinned requirements.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# LANGUAGE can be a locale list such as es_PE:es in some shells: the first language counts.
LANG_CHOSEN := $(firstword $(subst _, ,$(subst :, ,$(or $(LANGUAGE),en))))
INSTALL := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
LOCK := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header

.PHONY: help site edition test check notebooks methods coverage gallery lock clean

help: ## List the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

$(VENV)/uv.done:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "turquesa needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/site.done: $(VENV)/uv.done requirements/site.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements/site.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/site.done requirements/dev.txt
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

site: $(VENV)/site.done ## Render every country's latest period into _site/ (LANGUAGE=es for another language)
	@$(BIN)/turquesa site --language $(LANG_CHOSEN)

edition: $(VENV)/site.done ## Render the whole grid: all countries, periods, languages and formats
	@$(BIN)/turquesa site --grid edition --into _edition --language $(LANG_CHOSEN)

test: $(VENV)/dev.done ## All tests, notebooks, types and lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pytest --nbval notebooks --nbval-sanitize-with notebooks/sanitize.cfg -p no:cacheprovider
	@$(BIN)/pytest -n auto

check: $(VENV)/dev.done ## Types and lint only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

notebooks: $(VENV)/dev.done ## Execute the notebooks again and keep their outputs
	@$(BIN)/jupyter nbconvert --to notebook --inplace --execute --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

methods: $(VENV)/dev.done ## Compare every method with its known right answers: docs/methods.md
	@$(BIN)/python -m tests.known_answers > $(VENV)/methods.md && mv $(VENV)/methods.md docs/methods.md

coverage: $(VENV)/dev.done ## Simulate how often intervals hold the truth: docs/coverage.md (an hour)
	@$(BIN)/python -m benchmarks.interval_coverage > $(VENV)/coverage.md && mv $(VENV)/coverage.md docs/coverage.md

gallery: $(VENV)/dev.done ## Photograph every report in every language: docs/gallery (needs Chromium)
	@$(BIN)/python -m design.gallery

lock: $(VENV)/uv.done ## Pin all requirements anew, with hashes and without addresses
	@cd requirements && $(LOCK) bootstrap.in -o bootstrap.txt && $(LOCK) ../pyproject.toml build.in -o site.txt && $(LOCK) ../pyproject.toml --extra dev -c site.txt -o dev.txt

clean: ## Remove what was made, the environment included
	@rm -rf $(VENV) _site _edition rendered dictionary .turquesa
