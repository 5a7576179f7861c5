# make demo    a film with known truth, every job over it, a report with pictures
# make test    what the tests need, then all tests      (ARGS="tests/split -x" for some)
# make check   format, lint, types, layers, tests: what a change has to pass
# make lock    solve the dependencies anew into infra/envs/core.lock

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv demo test check lock system

BIN := .venv/bin
ARGS ?=
made_of := pyproject.toml infra/envs/core.lock infra/envs/venv

help:
	@sed -n 's/^# //p' Makefile

.venv/made-core: $(made_of)
	@infra/envs/venv core

.venv/made-dev: $(made_of)
	@infra/envs/venv dev

venv: .venv/made-dev

system:
	@infra/envs/system

demo: .venv/made-core
	$(BIN)/retold demo $(ARGS)

test: system .venv/made-dev
	$(BIN)/pytest $(ARGS)

check: system .venv/made-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(ARGS)

lock: .venv/made-dev
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m uv pip compile pyproject.toml --extra dev \
	    --python-version 3.11 --python-platform linux --annotation-style line --upgrade \
	    --quiet --output-file infra/envs/core.lock
