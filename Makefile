# The two commands of the README, and what they need. Only python3.11 (or newer), pip and make are asked for.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# The lock holds what pip builds with, too; otherwise a build next year would fetch next year's backend. Python compiles
# what it imports by itself; compiling all of it here would double the wait.
INSTALL := $(PIP) install --quiet --no-compile --constraint constraints.txt --build-constraint constraints.txt

.PHONY: demo test lint format docs test-oldest sanitize wheel lock clean help

help:
	@sed -n 's/^## //p' Makefile

## make demo     a company's events, landed, built, and an invoice on the screen
demo: $(VENV)/demo.stamp $(VENV)/scanner.stamp
	$(BIN)/bursar demo

## make test     lint, types, import contracts and every test
test: lint
	$(BIN)/python -m pytest

## make lint     ruff, mypy, import-linter, sqlfluff, and that nothing compiled has drifted
lint: $(VENV)/dev.stamp $(VENV)/scanner.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint models tests/dbt
	$(BIN)/bursar metric compile --check

## make format   let ruff and sqlfluff mend what they can
format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix models tests/dbt

## make docs     the reference pages, written anew from the code
docs: $(VENV)/dev.stamp
	$(BIN)/python -m bursar.reference.write

## make test-oldest   the bills again, on the oldest DuckDB that we promise
test-oldest:
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --constraint constraints.txt pip
	grep -v '^duckdb==' constraints.txt > .venv-oldest/constraints.txt
	.venv-oldest/bin/python -m pip install --quiet --constraint .venv-oldest/constraints.txt \
		--editable . --group dev duckdb==1.5.5
	.venv-oldest/bin/python -m pytest tests/scenarios tests/compiler tests/properties tests/unit/macros

## make sanitize   landing's compiled part under the sanitizers, fed with anything
sanitize: $(VENV)/dev.stamp
	$(BIN)/python hatch_build.py --sanitize
	LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libstdc++.so.6)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
		$(BIN)/python -m pytest -n 0 tests/properties/test_landing_any_bytes.py tests/unit/landing; \
		status=$$?; touch hatch_build.py; $(BIN)/python hatch_build.py; exit $$status

## make wheel    what is published, in dist/
wheel: $(VENV)/dev.stamp
	$(PIP) wheel --no-deps --build-constraint constraints.txt --wheel-dir dist .

## make lock     constraints.txt anew, from pyproject.toml and today's packages
lock: $(VENV)/dev.stamp
	$(PIP) install --quiet uv
	{ sed '/^$$/q' constraints.txt; $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--no-header --no-annotate pyproject.toml --group dev --group build; } > constraints.new
	mv constraints.new constraints.txt

## make clean    everything that is made, but never the truth: landing/ and ledger/ stay
clean:
	rm -rf $(VENV) .venv-oldest build dist target logs dbt_packages .bursar warehouse/*.duckdb* warehouse/what-if warehouse/run.json

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt pip

# Landing's compiled part; where there is no C compiler, landing does without it.
$(VENV)/scanner.stamp: hatch_build.py $(wildcard src/bursar/landing/scanner/*.[ch]) | $(BIN)/python
	-$(BIN)/python hatch_build.py
	@touch $@

$(VENV)/demo.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable . --group dev
	@touch $@ $(VENV)/demo.stamp
