# make demo and make test each do all of their own set-up; `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON_BIN := .venv/bin/python
PORT ?= 8000
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
PIN := --quiet --upgrade --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate
TEMPLATES := find templates accounts applications reviews -name '*.html' -print0 | xargs -0 -r

CHECKS := check-style check-types check-imports check-templates check-migrations check-deploy check-guideline \
	check-compose check-house

.PHONY: help setup demo test check bench torture walk screenshots format states requirements messages $(CHECKS) packages-run packages-test clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/dev $(MESSAGES) ## Debian packages where root is to be had, .venv, translations

demo: .venv/run $(MESSAGES) ## the portal with fictional firms at http://127.0.0.1:8000 (PORT=…); Ctrl-C ends it
	@PORT=$(PORT) .ci/demo

test: .venv/dev $(MESSAGES) ## every test: on PostgreSQL, in Chromium (each page by axe, HTML and 320 px too), and those with rows again on SQLite (accounts and applications, but the costly ones)
	$(PYTHON_BIN) -m pytest -n 2 -m "not browser"
	$(PYTHON_BIN) -m pytest -n 2 --dist loadfile -m browser
	DATABASE_URL=sqlite://:memory: $(PYTHON_BIN) -m pytest -n 2 -m "database and not browser and not postgres and not once" tests/accounts tests/applications

check: $(CHECKS) ## style, types, import rules, templates, migrations, deployment settings (make -k check: all faults)

# As in production, without its database.
$(CHECKS): export SECRET_KEY = $(shell head -c 48 /dev/urandom | base64)
$(CHECKS): export DATABASE_URL = sqlite://:memory:
$(CHECKS): export ALLOWED_HOSTS = portal.example
$(CHECKS): .venv/dev

check-style:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

check-types:
	.venv/bin/mypy

check-imports:
	.venv/bin/lint-imports --no-logo

check-templates:
	$(TEMPLATES) .venv/bin/djade --target-version 5.2 --check

check-migrations:
	$(PYTHON_BIN) manage.py makemigrations --check --dry-run

check-deploy:
	$(PYTHON_BIN) manage.py check --deploy --fail-level WARNING

check-guideline:
	$(PYTHON_BIN) -W error manage.py check_guideline

check-compose:
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

check-house:
	$(PYTHON_BIN) -m pytest -q tests/test_house.py tests/test_copy.py

bench: .venv/dev $(MESSAGES) ## measure saving, opening, submitting and sweeping against their peers, on PostgreSQL
	pg_virtualenv -t -o fsync=off env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.bench

torture: .venv/dev $(MESSAGES) ## kill workers in mid-sweep (KILLS=50), race every two acts that can meet (ROUNDS=200), live 10,000 random lives (EXAMPLES=…), change single bytes of the trail (EDITS=100, CUTS=20), pack a case of 1 GB (PACK_KILLS=5)
	pg_virtualenv -t env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.torture
	pg_virtualenv -t -o fsync=off env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.races
	pg_virtualenv -t -o fsync=off env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.machine
	pg_virtualenv -t -o fsync=off env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.torture.pack
	pg_virtualenv -t -o fsync=off env DATABASE_URL=postgres:///postgres $(PYTHON_BIN) -m tests.tamper

screenshots: .venv/dev $(MESSAGES) ## draw docs/pictures anew from the demo
	DATABASE_URL=sqlite://:memory: $(PYTHON_BIN) -m pytest -q tests/pictures/draw.py

walk: .venv/dev $(MESSAGES) ## every address × every role × both languages, forms sent wrongly: HTML, axe, CSP, 320 px, light and dark
	printf '%s\n' zh-hant en | DATABASE_URL=sqlite://:memory: xargs -P 2 -I LANGUAGE env WALK=LANGUAGE $(PYTHON_BIN) -m pytest -q tests/walk

format: .venv/dev ## put Python and templates into the house style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(TEMPLATES) .venv/bin/djade --target-version 5.2

messages: $(MESSAGES) ## compile translations

states: .venv/dev ## draw docs/states.md from the transition table
	DEMO=1 $(PYTHON_BIN) manage.py draw_states > docs/states.md

requirements: .venv/dev ## pin anew what pyproject.toml asks for, with hashes
	.venv/bin/uv pip compile $(PIN) pyproject.toml -o requirements.txt
	.venv/bin/uv pip compile $(PIN) --extra s3 pyproject.toml -o requirements-s3.txt
	.venv/bin/uv pip compile $(PIN) --extra dev --extra s3 pyproject.toml -o requirements-dev.txt

clean: ## remove .venv and what tools left behind; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results $(MESSAGES)

packages-run:
	@.ci/packages run

packages-test:
	@.ci/packages test

.venv/run: requirements.txt | packages-run
	@.ci/venv requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt | packages-test
	@.ci/venv requirements-dev.txt
	@touch $@

%.mo: %.po
	@if command -v msgfmt >/dev/null; then msgfmt --check-format --output-file $@ $<; \
	else echo "No msgfmt (package gettext): the portal speaks Chinese alone"; fi
