# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the agent-supervisor authors

SWIFT ?= swift
RELEASE := $(SWIFT) build -c release --static-swift-stdlib
BIN := .build/release

.DEFAULT_GOAL := help
.PHONY: help build man test test-vm check format reference demo bench bench-scale fuzz soak clean

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

build: ## the programs, into .build/release
	@scripts/need build
	$(RELEASE)

man: build ## the man pages, into .build/man
	@scripts/need man
	@scripts/man

test: build ## build, and run every test
	@scripts/need test
	@scripts/test

test-vm: build ## the integration tests in a booted Debian 13: systemd, cgroup v2, AppArmor
	@scripts/need vm
	$(SWIFT) build --build-tests
	@Tests/vm/run

demo: build ## the real Codex CLI in a jail, start to end, in a temporary directory
	@scripts/need demo
	@scripts/demo

bench: build ## the start of a jail beside other sandboxes, answers and keystrokes beside tmux and dtach, into docs/benchmarks.md
	@scripts/need bench
	@Benchmarks/document start-time --markdown
	@Benchmarks/document latency

bench-scale: build ## what 1000 (or AGENTS=…) idle agents cost, into docs/benchmarks.md
	@Benchmarks/document scale $(AGENTS)

fuzz: build ## what reads profiles, plans, requests and terminals, a minute (or SECONDS=…) of random input
	@scripts/need fuzz
	@scripts/fuzz $(SECONDS)

soak: build ## 200 agents under a daemon that is killed all the time, two minutes (or SECONDS=…)
	@Tests/soak/run $(if $(SECONDS),--seconds $(SECONDS))

check: ## format, lint, licence headers, shell scripts, what is made from comments
	@scripts/need check
	@scripts/check

format: ## format the Swift sources
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

reference: ## docs/protocol.md, and the comments that rpc.discover answers with, from the sources
	@scripts/describe-protocol
	@$(SWIFT) build --product protocol-reference
	@.build/debug/protocol-reference docs/protocol/introduction.md >docs/protocol.md

clean: ## remove what was built
	rm -rf .build
