# Gauntlet's verbs. `make` alone lists them.

SWIFT ?= swift
SWIFTFLAGS ?=
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
RELEASE = .build/release

.DEFAULT_GOAL := help
.PHONY: help setup build test run faults interop bench serving clients truth tools soak lint format sanitize fuzz \
  coverage documentation dist manual install schemas clean

help: ## List what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' \
	  $(MAKEFILE_LIST)

setup: ## Install what is missing of the system's packages
	@scripts/setup.sh

build: setup ## Build the program, optimised: .build/release/gauntlet
	$(SWIFT) build -c release --product gauntlet $(SWIFTFLAGS)

test: setup ## Run all tests
	@SWIFT="$(SWIFT)" scripts/test.sh $(SWIFTFLAGS)

run: build ## Do the main job: serve, the 517 cases, load, plain and TLS; reports/ has the page
	@scripts/run.sh $(RELEASE)/gauntlet

faults: build ## Prove that the suite finds faults: reports/faults/faults.md
	$(RELEASE)/gauntlet faults $(FAULTSFLAGS)

interop: build ## Test real servers, from Debian and PyPI: reports/interop/index.html
	@python3 Interop/interop.py --gauntlet $(RELEASE)/gauntlet $(INTEROPFLAGS)

bench: build ## Measure server and load generator against peers, interleaved
	@scripts/setup.sh bench
	@python3 Benchmarks/bench.py --gauntlet $(RELEASE)/gauntlet $(BENCHFLAGS)

serving: build ## Measure what the server promises: styles, broadcast, heartbeat, slow peers, reloads
	@scripts/setup.sh bench
	@python3 Benchmarks/serving.py --gauntlet $(RELEASE)/gauntlet $(SERVINGFLAGS)

clients: build ## Try real clients against the server: curl, openssl, Python, Node, Chromium
	@scripts/setup.sh clients
	@python3 Benchmarks/clients.py --gauntlet $(RELEASE)/gauntlet $(CLIENTSFLAGS)

truth: build ## Hold what is measured against servers of known behaviour: latency, counts, capacity, trust
	@python3 Benchmarks/truth.py --gauntlet $(RELEASE)/gauntlet $(TRUTHFLAGS)

tools: build ## Put one server under several load tools, and show what each says: Locust, tsung
	@scripts/setup.sh tools
	@python3 Benchmarks/side_by_side.py --gauntlet $(RELEASE)/gauntlet $(TOOLSFLAGS)

soak: build ## Keep the server busy with all features on, for SOAKFLAGS="--duration 1h"
	@python3 Benchmarks/soak.py --gauntlet $(RELEASE)/gauntlet $(SOAKFLAGS)

lint: ## Check format and style; nothing is changed
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Examples Plugins Sources Tests cases

format: ## Format all Swift files in place
	$(SWIFT) format --in-place --parallel --recursive Package.swift Examples Plugins Sources Tests cases

sanitize: setup ## Run the tests under the address and the thread sanitizer
	@scripts/sanitize.sh

fuzz: setup ## Fuzz every parser for FUZZ_SECONDS (60) each, with the address sanitizer
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh

coverage: setup ## Run the tests and print line coverage per room
	@scripts/coverage.sh

documentation: setup ## Make the server's documentation: .build/documentation
	@scripts/documentation.sh

dist: setup ## Make dist/gauntlet: one static file that needs no Swift on the machine
	@scripts/dist.sh

manual: build ## Make man pages and shell completions: dist/man, dist/completions
	@SWIFT="$(SWIFT)" scripts/manual.sh $(RELEASE)/gauntlet

install: manual ## Install program, man pages and completions below PREFIX (/usr/local)
	@scripts/install.sh $(RELEASE)/gauntlet $(PREFIX)

schemas: build ## Validate what is written against published schemas and real readers, hostile text included
	@python3 scripts/schemas.py --gauntlet $(RELEASE)/gauntlet

clean: ## Remove what was built
	rm -rf .build .build-* dist
