# Two commands on a fresh machine: `make run` and `make test`. `make help` names the others.
.DEFAULT_GOAL := help
.PHONY: help install run test check bench quality lock clean
PYTHON := .venv/bin/python
# Where the machine has no Node, that of the wheel is linked there; tests look it up on the PATH.
# Some machines forbid Python to keep what it has compiled; then each process would compile 460 files again.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## This list
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-8s %s\n", $$1, $$2 }'

install: ## Install what is missing into .venv and node_modules (Python 3.11+, Node if there)
	@tools/install all

run: ## Start the whole marketplace here: http://127.0.0.1:8000 (PORT, MARKET_VAR move it); Ctrl-C stops it
	@tools/install run
	@exec $(PYTHON) -m market.run --until-parent-ends

test: ## Run all tests (as root on Debian also installs chromium-headless-shell, postgresql, java); ARGS="-k search" narrows
	@tools/install all
	@tools/debian
	@$(PYTHON) -m tests $(ARGS)

check: ## Look over the sources: ruff, mypy, djlint, translations
	@tools/install all
	@tools/check

bench: ## Measure: search, pages, imports, memory
	@tools/install all
	@$(PYTHON) -m tests.bench $(ARGS)

quality: ## Measure how good search and matching are; SET=DIR takes another set of texts
	@tools/install all
	@$(PYTHON) -m tests.quality $(if $(SET),--set "$(SET)") $(ARGS)

lock: ## Write the lock files anew, with the newest versions requirements/*.in allow
	@tools/lock

clean: ## Remove what was installed and generated; keeps var/, where the data is
	rm -rf .venv node_modules .install.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov
	find market search seeds tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
