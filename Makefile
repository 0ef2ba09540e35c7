# Everything that is done to this project from a shell. `make` alone lists the targets.
# Needs only a POSIX shell and Python 3.11 or newer; the README has the same steps for plain pip.

PORT ?= 8501
PYTHON_VENV := .venv/bin/python
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev test lint format bench docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: setup ## start the dashboard on http://localhost:8501 (PORT=8600 for another port)
	@exec $(PYTHON_VENV) -m tas_analytics serve --port $(PORT)

setup: ## create .venv and install what the dashboard needs
	@sh tools/setup.sh runtime

setup-dev: ## the same, with what the checks and tests need, and a browser
	@sh tools/setup.sh dev
	@$(PYTHON_VENV) tools/browser.py --install

test: setup-dev ## every check and every test (PYTEST_ARGS="-k store" for some)
	@$(MAKE) --no-print-directory check
	$(PYTHON_VENV) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: ## style, types and import rules
	@sh tools/setup.sh dev
	@$(MAKE) --no-print-directory check

# The checks themselves, on an environment that is already there.
.PHONY: check
check:
	$(PYTHON_VENV) -m ruff check .
	$(PYTHON_VENV) -m ruff format --check .
	$(PYTHON_VENV) -m mypy
	$(PYTHON_VENV) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"

format: ## rewrite the sources in the project's style
	@sh tools/setup.sh dev
	$(PYTHON_VENV) -m ruff check --fix .
	$(PYTHON_VENV) -m ruff format .

bench: ## the benchmarks: times at full size, printed, never asserted
	@sh tools/setup.sh dev
	$(PYTHON_VENV) -m pytest tests/perf -m bench -s --no-header -q

docs: ## rewrite the generated pages of docs/
	@sh tools/setup.sh dev
	$(PYTHON_VENV) tools/make_docs.py
	$(PYTHON_VENV) -m tools.screenshots

lock: ## renew the transitive pins from the direct ones, in a clean environment
	@sh tools/setup.sh dev
	$(PYTHON_VENV) tools/lock.py

clean: ## remove .venv, caches and build output; data stays
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
