# Each target is one line that a person could type. `make` alone runs the service.
VENV ?= .venv
PYTEST_WORKERS ?= 2
export UNIONCAT_HOME ?= $(CURDIR)/.unioncat

.PHONY: run test bench lint audit lock

run: ## The whole service with sample libraries, at http://127.0.0.1:8000
	@VENV=$(VENV) bin/environment
	@exec $(VENV)/bin/unioncat up --sample

test: ## All tests, the quick ones first; a module's tests stay together, because they share what is dear
	@VENV=$(VENV) bin/environment dev
	@env -u UNIONCAT_HOME $(VENV)/bin/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal tests/unioncat tests/properties tests/contracts tests/golden tests/wheel tests

bench: ## Speed on this machine
	@VENV=$(VENV) bin/environment dev
	@env -u UNIONCAT_HOME $(VENV)/bin/python -m tests.bench

lint: ## Format, rules, types, import rules
	@VENV=$(VENV) bin/environment dev
	@$(VENV)/bin/ruff format --check --output-format concise . && $(VENV)/bin/ruff check --output-format concise . \
		&& $(VENV)/bin/mypy && $(VENV)/bin/lint-imports --no-logo

audit: ## Known weaknesses of the locked packages (needs a source of advisories)
	@VENV=$(VENV) bin/environment dev
	@VENV=$(VENV) bin/audit

LOCK = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links pyproject.toml requirements-build.in

lock: ## Choose newer versions of the packages, within pyproject.toml (needs uv)
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock
