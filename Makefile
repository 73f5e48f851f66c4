# Each target installs what it needs (.ci/setup), so it works on a fresh Debian 12 or 13.
WARREN_CACHE ?= $(HOME)/.cache/warren
export WARREN_CACHE
export PATH := /usr/bin:$(WARREN_CACHE)/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/tests/support:$(CURDIR)/tests
export PYTHONDONTWRITEBYTECODE := 1
python := /usr/bin/python3
RABBITMQ ?= 4.3
TESTS ?=

.PHONY: help build dev test unit io fuzz-smoke integration demo bench fuzz asan lint clean

help:
	@echo 'make build         build/warren, one static file'
	@echo 'make demo          three real brokers and Warren beside them, step by step (KEEP=1 leaves them running; RABBITMQ=4.3, 4.0, 3.10)'
	@echo 'make test          unit, io, a short fuzz, and integration tests with real brokers and a real API server'
	@echo 'make bench         measures Warren and rabbitmq-diagnostics side by side'
	@echo 'make fuzz          every fuzzer for a minute'
	@echo 'make asan          unit and io tests with AddressSanitizer and UBSan'
	@echo 'make lint          formatting, includes, clang-tidy'
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

fuzz-build:
	@.ci/setup build test
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz

fuzz-smoke: fuzz-build
	@.ci/tier fuzz-smoke 10m .ci/fuzz 4

# TESTS='-k alarm -x' picks some of them.
integration: build dev
	@.ci/setup lab kube
	@.ci/tier integration 25m $(python) -m pytest -p no:cacheprovider tests/integration $(TESTS)

test:
	@code=0; for tier in unit io fuzz-smoke integration; do $(MAKE) --no-print-directory $$tier || code=1; done; \
	.ci/summary unit io fuzz-smoke integration && exit $$code

demo: build dev
	@.ci/setup lab
	@$(python) -m demo --rabbitmq $(RABBITMQ) $(if $(KEEP),--keep)

# SHORT=1 takes fewer samples and leaves README as it is.
bench: build dev
	@.ci/setup lab kube
	@$(python) -m bench $(if $(SHORT),--short)

fuzz: fuzz-build
	@.ci/fuzz 60

asan:
	@.ci/setup build test
	@cmake --preset asan >/dev/null
	@cmake --build build/asan --target unit_tests io_tests
	@.ci/tier asan-unit 10m build/asan/tests/unit_tests --order rand --rng-seed time
	@.ci/tier asan-io 15m build/asan/tests/io_tests --order rand --rng-seed time

lint:
	@.ci/setup build test lint
	@cmake --preset dev >/dev/null
	@code=0; \
	.ci/tier lint-format 5m .ci/check-format || code=1; \
	.ci/tier lint-includes 2m .ci/check-includes || code=1; \
	.ci/tier lint-coroutines 2m .ci/check-coroutines || code=1; \
	.ci/tier lint-itself 2m $(python) -m pytest -q -p no:cacheprovider tests/lint || code=1; \
	.ci/tier lint-tidy 30m .ci/tidy || code=1; \
	exit $$code

clean:
	rm -rf build
