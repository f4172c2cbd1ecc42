# Twombly. "make run" starts her; "make test" passes the tests. Both set up what they need on a bare machine that has
# Go, Node, Python with pip, a JDK with Maven, and a Debian package client.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BINARY  := bin/twombly
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# What one machine of two cores needs at most for a package's tests.
TEST_TIMEOUT ?= 20m

.PHONY: help run build ui models test test-go test-race test-ui test-browser dist accept bench lint clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: build ## Fetch what is missing, start her, print the address
	@$(BINARY) serve

build: ui $(BINARY) ## Build the web app and the program into bin/

.PHONY: $(BINARY)
$(BINARY):
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/twombly

UI_SOURCES := $(shell find ui/src ui/public -type f 2>/dev/null) ui/index.html ui/package.json ui/package-lock.json ui/vite.config.ts ui/tsconfig.json
ui: internal/web/assets/dist/index.html ## Build the web app
internal/web/assets/dist/index.html: $(UI_SOURCES)
	cd ui && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

models: $(BINARY) ## Fetch the models and libraries she needs
	@$(BINARY) models fetch --accept-licences

test: ## Everything that must hold before a change lands
	@./scripts/test.sh

lint: ## Formatting, vet, staticcheck, types, and what Lighthouse would look at
	@test -z "$$(gofmt -l cmd internal bench test | tee /dev/stderr)"
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck ./...
	cd ui && npm run --silent check
	@if command -v "$${CHROMIUM:-chromium}" >/dev/null; then cd ui && npm run --silent lint:page; else echo "no chromium: the page was not looked at"; fi

dist: ## Build the .deb and tar.gz packages and their bills of materials into dist/
	@./scripts/dist.sh

accept: build models ## The acceptance lines that take longer (ISSUE=n LINE=k)
	@./scripts/accept.sh "$(ISSUE)" "$(LINE)"

bench: build models ## The benchmarks of docs/benchmarks.md, one after the other, as JSON
	@for name in stt tts mind idle voice; do $(BINARY) bench $$name --json; done

clean: ## Remove what was built here (models stay in the cache)
	rm -rf bin internal/web/assets/dist ui/node_modules
