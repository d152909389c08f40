VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
ENGINE := $(VENV)/.engine
STAMP := $(VENV)/.installed
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --editable

.PHONY: demo test laws bench torture same figures mutants docs site lint types contracts wheel check clean

demo: $(ENGINE)  ## load the seeds into a new file and show what the timeline answers
	@$(BIN)/timeline demo

test: $(STAMP)  ## run the tests
	@$(BIN)/python -m pytest -q --numprocesses auto --dist worksteal

bench: $(STAMP)  ## measure speed and memory, and write the page of the reference (an hour or so)
	@$(BIN)/python -m tests.benchmarks

torture: $(STAMP)  ## kill what writes, up to two hundred times in a quarter of an hour, and break what it wrote to
	@$(BIN)/python -m tests.torture

same: $(STAMP)  ## ask the engine and the one that it grew out of the same, and compare the answers
	@$(BIN)/python -m tests.same $(ARGS)

figures: $(STAMP)  ## print how the house stands: rooms, files, lines, names, and the ways through it
	@$(BIN)/python -m tests.figures

laws: $(STAMP)  ## run the tests with seven times as many examples of each law (an hour or so)
	@HYPOTHESIS_PROFILE=laws $(BIN)/python -m pytest -q --numprocesses auto --dist worksteal

mutants: $(STAMP)  ## break the engine in fixed ways that tests must notice (a quarter of an hour; ARGS="--only replay --sample 30")
	@$(BIN)/python -m tests.mutants $(ARGS)

docs: $(STAMP)  ## write the pages of the reference that follow from the code
	@$(BIN)/python -m tests.reference

site: $(STAMP)  ## build the documentation as a site, into site/
	@$(BIN)/zensical build --strict

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python tests/script.py

contracts: $(STAMP)
	$(BIN)/lint-imports

wheel: $(STAMP)  ## build the wheel and the sdist, and try the wheel in an environment of its own
	@$(BIN)/python -m tests.packaging

check: test lint types contracts wheel

$(ENGINE): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once): what the engine needs"
	@$(INSTALL) .
	@touch $@

$(STAMP): $(ENGINE)
	@echo "adding to $(VENV) (once): what tests need, in a minute or two"
	@$(INSTALL) '.[bench,dev,excel,postgres,viz,web]'
	@touch $@

clean:
	rm -rf $(VENV) site .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache ai.duckdb
