# The commands that people use. Each installs and builds what it needs, and only when it has to.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The project's own Node 24, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

# What was installed is known by the hash of the lock.
LOCK_HASH := $(shell sha256sum < package-lock.json | cut -c1-16)
INSTALLED := node_modules/.installed-$(LOCK_HASH)

CONNECTIONS ?= 10
MESSAGES ?= 100
DURATION ?=
SECONDS ?= 60

.PHONY: help
help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-32s %s\n", $$1, $$2 }'

$(INSTALLED):
	npm ci --no-audit --no-fund --loglevel=error
	@rm -f dist/.tsbuildinfo dist/examples/.tsbuildinfo libs/*/dist/.tsbuildinfo # what was built against other packages is built anew
	@touch $@

.PHONY: install
install: $(INSTALLED) ## Install the dependencies, unless they are there

.PHONY: build
build: install ## Build the packages and the server
	npm run --silent build

.PHONY: run
run: build ## Start on 127.0.0.1:8080 with SQLite under ./data
	@exec npm start --silent

.PHONY: test
test: install ## Check everything, build, and run all tests
	@.ci/browser
	npm run --silent check
	npm test --silent

.PHONY: lint
lint: install ## ESLint, format, types, layers and dead code
	npm run --silent check

.PHONY: format
format: install ## Format the source
	npm run --silent format

.PHONY: test-websocket
test-websocket: install ## Unit tests
	npm run --silent test:unit

.PHONY: test-functional-websocket
test-functional-websocket: build ## Behaviour of the running server
	@.ci/browser
	npm run --silent test:behaviour

.PHONY: test-websocket-performance
test-websocket-performance: build ## Performance: CPU, memory and latency beside other servers, the short form (npm run bench: all)
	npm run --silent bench -- --short

.PHONY: test-websocket-load
test-websocket-load: build ## Load: 10 connections, 100 messages each
	npm run --silent load -- --connections 10 --messages 100

.PHONY: test-websocket-load-custom
test-websocket-load-custom: build ## Load: CONNECTIONS=50 MESSAGES=200 DURATION=120 (seconds)
	npm run --silent load -- --connections $(CONNECTIONS) --messages $(MESSAGES) $(if $(DURATION),--duration $(DURATION))

.PHONY: fuzz
fuzz: build ## Broken input against the codec and against a running server, SECONDS=60 each
	SECONDS=$(SECONDS) npm run --silent fuzz:codec
	npm run --silent fuzz -- --seconds $(SECONDS)

.PHONY: clean
clean: ## Remove what was built and installed, but no data
	rm -rf dist libs/*/dist .cache coverage *.tsbuildinfo node_modules
