# Each target installs what it needs (.ci/setup), so it works on a fresh Debian 12 or 13.
WARREN_CACHE ?= $(HOME)/.cache/warren
export WARREN_CACHE
# What was compiled in another clone of the same sources is not compiled again.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export PATH := /usr/bin:$(WARREN_CACHE)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/tests/support:$(CURDIR)/tests:$(CURDIR)/tests/integration
export PYTHONDONTWRITEBYTECODE := 1
python := /usr/bin/python3

.PHONY: help build dev programs kubernetes test unit io simulation fuzz-build fuzz-smoke integration formation agent-dynamic charts demo bench image image-test fuzz asan lint lint-text tidy clean

help:
	@echo 'make build         build/warren, one static file'
	@echo 'make demo          three real brokers and Warren beside them, step by step (KEEP=1 leaves them running; RABBITMQ=4.3, 4.0, 3.10)'
	@echo 'make test          unit, io, simulation, a short fuzz, and integration tests with real brokers and a real API server'
	@echo 'make simulation    formation in virtual time, with everything breaking, then with broken rules (RUNS=20000 SEED=1; each night RUNS=1000000)'
	@echo 'make formation     clusters of real brokers that form while things break, drawn from a seed (RUNS=100 RABBITMQ=4.3, 4.0, 3.10 SEED=1 SCENARIO=...)'
	@echo 'make charts        the Helm chart: lint, golden files, wrong values, patches, a real API server (UPDATE=1 writes the golden files anew)'
	@echo 'make bench         measures Warren and rabbitmq-diagnostics side by side'
	@echo 'make image         the image warren:dev by buildah, with build/warren in it (COMPILE=1 compiles as docker build does); make image-test tries it too'
	@echo 'make fuzz          every fuzzer for a minute'
	@echo 'make asan          unit and io tests with AddressSanitizer and UBSan'
	@echo 'make lint          formatting, includes, clang-tidy (make lint-text: without the last, in seconds)'
	@echo 'make clean         removes build/'

build:
	@.ci/setup build
	@cmake --preset release >/dev/null
	@cmake --build build/release --target warren

dev:
	@.ci/setup build test
	@cmake --preset dev >/dev/null
	@cmake --build build/dev

unit: dev
	@.ci/tier unit 5m build/dev/tests/unit_tests --order rand --rng-seed time

io: dev
	@.ci/tier io 10m build/dev/tests/io_tests --order rand --rng-seed time

# With RUNS it takes as long as it takes.
simulation:
	@.ci/setup build test
	@cmake --preset simulation >/dev/null
	@cmake --build build/simulation --target simulation replay
	@code=0; \
	.ci/tier simulation $(if $(RUNS),0,10m) build/simulation/tests/simulation --runs $(or $(RUNS),20000) --first-seed $(or $(SEED),1) --mutations || code=1; \
	.ci/tier replay 2m build/simulation/tests/replay tests/simulation/logs/*.jsonl --refused tests/simulation/logs/falsified/*.jsonl || code=1; \
	exit $$code

fuzz-build:
	@.ci/setup build test
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz

fuzz-smoke: fuzz-build
	@.ci/tier fuzz-smoke 10m .ci/fuzz 4

# What the demo, the benchmarks and the integration tests run beside build/warren.
programs:
	@.ci/setup build test
	@cmake --preset dev >/dev/null
	@cmake --build build/dev --target api_stand_in probe_client broker_calls door_text data_look replay

# The API server and etcd, six minutes the first time. 77: there is no Go and no way to get it; the tests say so.
kubernetes:
	@.ci/setup kube || [ $$? -eq 77 ]
	@tests/support/kube/kube build || [ $$? -eq 77 ]

# The agent as a dynamic program, which can be given another clock than this machine's.
agent-dynamic:
	@.ci/setup build test
	@cmake --preset dev >/dev/null
	@cmake --build build/dev --target warren

# TESTS='-k alarm -x' picks some of them; EVERY=1 runs what is known of brokers on every version, not on one of them each.
integration: build programs kubernetes agent-dynamic
	@mkdir -p build/results
	@.ci/setup lab || [ $$? -eq 77 ]
	@.ci/as-root .ci/tier integration 35m $(python) -m pytest -p no:cacheprovider tests/integration $(TESTS)

formation: build programs kubernetes agent-dynamic
	@.ci/setup lab
	@.ci/as-root $(TIER) $(python) -m formation --runs $(or $(RUNS),10) $(if $(SEED),--seed $(SEED)) $(if $(RABBITMQ),--rabbitmq $(RABBITMQ)) \
		$(if $(SCENARIO),--scenario $(SCENARIO)) $(FORMATION)

test:
	@code=0; rm -f build/results/replay.count; for tier in unit io simulation fuzz-smoke integration; do rm -f build/results/$$tier.count; $(MAKE) --no-print-directory $$tier || code=1; done; \
	.ci/summary unit io simulation replay fuzz-smoke integration && exit $$code

# CI counts the promises of the demo and the figures of the benchmarks by TIER='.ci/tier NAME LIMIT'.
demo: build programs
	@.ci/setup lab
	@.ci/as-root $(TIER) $(python) -m demo $(if $(RABBITMQ),--rabbitmq $(RABBITMQ)) $(if $(KEEP),--keep)

# Without Go there is neither helm nor an API server; it says SKIPPED and why, and looks at the pages alone.
charts: kubernetes
	@.ci/setup charts
	@.ci/tier charts 10m $(python) -m pytest -q -p no:cacheprovider charts/warren/tests $(TESTS)

# SHORT=1 takes fewer samples, forgives a busy machine, and leaves README as it is.
bench: build programs kubernetes
	@.ci/setup lab
	@.ci/as-root $(TIER) $(python) -m bench $(if $(SHORT),--short)

# Who needs the archive alone gets it in seconds where build/warren is there.
image: $(if $(COMPILE),,build)
	@.ci/setup image
	@.ci/as-root .ci/image $(if $(COMPILE),--compile)

image-test: $(if $(COMPILE),,build)
	@.ci/setup image || [ $$? -eq 77 ]
	@.ci/as-root .ci/tier image 40m bash -c '.ci/image $(if $(COMPILE),--compile) && exec $(python) -m pytest -p no:cacheprovider tests/image'

fuzz: fuzz-build
	@.ci/fuzz 60

asan:
	@.ci/setup build test
	@cmake --preset asan >/dev/null
	@cmake --build build/asan --target unit_tests io_tests
	@code=0; \
	.ci/tier asan-unit 10m build/asan/tests/unit_tests --order rand --rng-seed time || code=1; \
	.ci/tier asan-io 15m build/asan/tests/io_tests --order rand --rng-seed time || code=1; \
	exit $$code

lint: lint-text tidy

lint-text:
	@.ci/setup lint
	@code=0; \
	.ci/tier lint-format 5m .ci/check-format || code=1; \
	.ci/tier lint-includes 2m .ci/check-includes || code=1; \
	.ci/tier lint-coroutines 2m .ci/check-coroutines || code=1; \
	.ci/tier lint-itself 2m $(python) -m pytest -q -p no:cacheprovider tests/lint || code=1; \
	exit $$code

# TIDY_SECONDS=600 looks at what files it can in that time and names the others.
tidy:
	@.ci/setup build test lint
	@cmake --preset dev >/dev/null
	@.ci/tier lint-tidy 80m .ci/tidy $(TIDY_SECONDS)

clean:
	rm -rf build
