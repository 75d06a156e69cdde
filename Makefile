# zeren 责任. Every verb sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help serve test fuzz mutants imports endurance provinces check format schema migrate bench judges

help: ## list these verbs
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

serve: $(READY) ## set up and serve GraphQL with the demonstration, until Ctrl-C
	@$(BIN)/zeren serve

test: $(READY) ## set up and run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

fuzz: $(READY) ## two counties at random, OPS=20000 operations: not one row of the other
	@ZEREN_FUZZ_OPERATIONS=$(or $(OPS),20000) $(BIN)/python -m pytest tests/isolation

provinces: $(READY) ## onboard every county of two provinces and ask each (minutes)
	@$(BIN)/python -m pytest -m slow

mutants: $(READY) ## take out every decided rule, shift every limit: each must be noticed by a case
	@$(BIN)/python -m tests.mutants

imports: $(READY) ## 300 files with planted errors: each is named, and nothing else
	@ZEREN_IMPORT_FILES=$(or $(FILES),300) $(BIN)/python -m pytest tests/tenants/test_imports.py

endurance: $(READY) ## kill the server 20 times and stop PostgreSQL 10 times under eight writers
	@ZEREN_CRASH_ROUNDS=$(or $(KILLS),20) ZEREN_OUTAGE_ROUNDS=$(or $(OUTAGES),10) \
		$(BIN)/python -m pytest -s tests/endurance

check: $(READY) ## lint, format, types, migrations, schema snapshot
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zeren migrate --check
	$(BIN)/zeren schema --check

format: $(READY) ## put the code in its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schema: $(READY) ## write schema/schema.graphql
	@$(BIN)/zeren schema

migrate: $(READY) ## bring the database up to date and rebuild its walls
	@$(BIN)/zeren migrate

bench: $(READY) ## measure, side by side in one run; SMOKE=1 the peers alone, small and short
	@[ -n "$(SMOKE)" ] || { $(BIN)/python -m bench && $(BIN)/python -m bench.onboarding && $(BIN)/python -m bench.imports; }
	@$(BIN)/python -m bench.peers $(if $(SMOKE),--smoke)

judges: $(READY) ## outside judges of the GraphQL door (needs Node 20 or newer); only=NAME hears one
	@$(BIN)/python -m judges $(only)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "zeren needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv .venv
	@echo "installing into .venv (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]'
	@touch $@
