# make demo    a film with known truth, every job over it, a report with pictures
# make test    what the tests need, then all tests      (ARGS="tests/split -x" for some)
# make check   format, lint, types, layers, tests: what a change has to pass
# make models  .venv-models: the environment of workers that run torch
# make lock    solve the dependencies anew into infra/envs/*.lock

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv models demo test check lock system

BIN := .venv/bin
ARGS ?=
made_of := pyproject.toml infra/envs/core.lock infra/envs/venv

help:
	@sed -n 's/^# //p' Makefile

.venv/made-core: $(made_of)
	@infra/envs/venv core

.venv/made-dev: $(made_of)
	@infra/envs/venv dev

.venv-%/made: pyproject.toml infra/envs/core.lock infra/envs/%.lock infra/envs/venv infra/envs/torch
	@infra/envs/venv $*

venv: .venv/made-dev

models: .venv-models/made

system:
	@infra/envs/system

demo: .venv/made-core
	$(BIN)/retold demo $(ARGS)

test: system .venv/made-dev .venv-models/made
	$(BIN)/pytest $(ARGS)

check: system .venv/made-dev .venv-models/made
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(ARGS)

lock: .venv/made-dev
	@infra/envs/lock
