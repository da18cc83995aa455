# make up      everything: set up, start, and say where (PORT=8123, STRONGROOM_VAR=/another/folder, DEMO_CLOUD=1)
# make setup   the set-up alone
# make test    linters, types, import contracts and tests; installs what they need
# make coverage schemathesis  the tests, and which lines they never ran
# make lock    pins requirements*.in again

PYTHON ?=
PORT ?= 8000
# Not empty: answers come from a stand-in for a cloud model too, which runs on this machine.
DEMO_CLOUD ?=
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# How the lock finds PyTorch without CUDA, whose own requirements are pinned with the rest.
UV_TORCH ?= --torch-backend cpu
UV = uv==0.13.9

BIN = .venv/bin
BOOTSTRAP = python3 -m kb.bootstrap --python "$(PYTHON)" --torch-index "$(TORCH_INDEX)"
UV_COMPILE = .make/uv/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate --no-header

.PHONY: up setup install install-dev test pytest schemathesis coverage models lint types style lock

# What starts here are many processes, each of which would compile all code again.
unexport PYTHONDONTWRITEBYTECODE

# Tests must not touch the data folder that holds documents.
test coverage types style: export STRONGROOM_VAR = $(CURDIR)/.make/var

up: install
	@$(BIN)/python manage.py up --port $(PORT) $(if $(DEMO_CLOUD),--demo-cloud)

setup: install
	@$(BIN)/python manage.py models prepare

install:
	@command -v python3 >/dev/null || { echo "Strongroom needs Python 3.11. Install python3.11 with its venv module."; exit 1; }
	@$(BOOTSTRAP)

install-dev: install
	@$(BOOTSTRAP) --dev
	@$(BIN)/python -m tests.debian

test: install-dev
	@$(MAKE) --no-print-directory --jobs 2 types pytest

# Types are checked beside all this, which waits more than it computes.
pytest: style models
	$(BIN)/python -m pytest -n 3 --dist loadscope

schemathesis: install-dev models
	STRONGROOM_CASES=100 $(BIN)/python -m pytest tests/test_schemathesis.py

coverage: install-dev models
	$(BIN)/coverage run --source kb,ingestion,inference -m pytest
	$(BIN)/coverage report --skip-covered --sort=cover

models:
	@$(BIN)/python manage.py models prepare

lint: types style

types: install-dev
	$(BIN)/mypy

style: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python manage.py makemigrations --check --dry-run --skip-checks
	STRONGROOM_HTTPS=yes $(BIN)/python manage.py check --deploy --fail-level WARNING

lock: .make/uv/bin/uv
	$(UV_COMPILE) $(UV_TORCH) --no-emit-package torch --constraint requirements-torch.txt requirements.in -o requirements.txt
	$(UV_COMPILE) requirements-dev.in -o requirements-dev.txt

.make/uv/bin/uv:
	python3 -m venv .make/uv
	.make/uv/bin/pip install --quiet $(UV)
