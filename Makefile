# The door to On the Record. `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help install run test check format lint types eval bench readme lock clean

VENV ?= .venv
SHARED ?= ../shared
SYSTEMS ?= ours,dense,bm25,hybrid
LIBRARY ?= build/library
# Where libraries for `make bench` are made; BENCH_LIBRARY is a large one that is there already.
BENCH ?= build/bench
BENCH_LIBRARY ?= $(BENCH)/library
BENCH_RESULTS ?= evaluation/bench/results
BENCHED = --work $(BENCH) --results $(BENCH_RESULTS)
BENCH_SIZES ?= 1000 10000 100000 1000000
PEERS ?= txtai,haystack
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := torch==2.13.0
# Asked only where pip itself knows no CPU build and the machine has no GPU.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

install: $(VENV)/.installed ## Make the environment (in .venv) and install what the lock pins

run: install ## Index samples/ and serve page and API on http://127.0.0.1:8000
	$(BIN)/onrecord index samples --library $(LIBRARY) --prune
	$(BIN)/onrecord serve --library $(LIBRARY)

test: install ## Run the tests
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

check: install format lint types test ## What CI runs: format, lint, types, tests

format: install ## Check that the code is formatted (mend with: .venv/bin/ruff format)
	$(BIN)/ruff format --check .

lint: install ## Check the code with ruff
	$(BIN)/ruff check .

types: install ## Check the types with mypy, strictly
	$(BIN)/mypy

eval: install ## Measure retrieval on the benchmarks in ../shared (SYSTEMS=…,txtai,haystack: pip install .[peers])
	mkdir -p build/briefings
	tar -xzf $(SHARED)/samples/press-briefings.tar.gz -C build/briefings
	$(BIN)/onrecord eval --split report --systems $(SYSTEMS) --save build/eval \
		$(wildcard $(SHARED)/benchmarks/*) evaluation/questions/briefings.jsonl \
		--corpus build/briefings --corpus $(SHARED)/samples/md

bench: install ## Measure speed and growth (hours; PEERS= for none, else pip install .[bench,peers])
	mkdir -p build/briefings $(BENCH)
	tar -xzf $(SHARED)/samples/press-briefings.tar.gz -C build/briefings
	$(if $(filter $(BENCH)/library,$(BENCH_LIBRARY)),$(BIN)/onrecord index build/briefings --library $(BENCH_LIBRARY))
	for size in $(BENCH_SIZES); do \
		$(BIN)/python -m evaluation.bench.subset $(BENCH_LIBRARY) $(BENCH)/library-$$size \
			--passages $$size || exit 1; \
	done
	$(BIN)/python -m evaluation.bench.serving $(BENCH)/library-100000 --peers "$(PEERS)" \
		--questions $(SHARED)/benchmarks/pressconf/queries.jsonl $(BENCHED)
	$(BIN)/python -m evaluation.bench.serving $(BENCH_SIZES:%=$(BENCH)/library-%) --clients 1 \
		--questions $(SHARED)/benchmarks/pressconf/queries.jsonl --name serving-growth $(BENCHED)
	$(BIN)/python -m evaluation.bench.updates $(BENCH)/library-$(lastword $(BENCH_SIZES)) \
		--results $(BENCH_RESULTS)
	$(BIN)/python -m evaluation.bench.indexing build/briefings $(BENCHED)
	$(BIN)/python -m evaluation.bench.roofline $(BENCH_LIBRARY) --results $(BENCH_RESULTS)
	$(BIN)/python -m evaluation.bench.batching --results $(BENCH_RESULTS)
	$(BIN)/python -m evaluation.bench.lexical $(BENCH_LIBRARY) $(BENCHED)
	$(BIN)/python -m evaluation.bench.vectors --library $(BENCH_LIBRARY) --work $(BENCH)/vectors \
		--results $(BENCH_RESULTS)
	$(BIN)/python -m evaluation.bench.growth --results $(BENCH_RESULTS)

readme: install ## Write the real answer again into README.md
	$(BIN)/python -m evaluation.readme

lock: install ## Write requirements.lock again from what is installed
	$(PIP) freeze --all --exclude-editable | sed -E '/^(pip|onrecord)==/d; s/^(torch==[0-9.]+)\+.*/\1/' > requirements.lock

clean: ## Remove the environment and what was built
	rm -rf $(VENV) build

# --no-deps: the lock is complete, and nothing can bring in CUDA packages beside it.
$(VENV)/.installed: requirements.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "On the Record needs Python 3.11 or newer as python3"; exit 1; }
	@test -x $(BIN)/python || python3 -m venv $(VENV) || \
		{ echo "python3 -m venv failed: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@if command -v nvidia-smi > /dev/null; then $(PIP) install -q $(TORCH); \
	elif $(PIP) install -q --dry-run --no-deps --report - $(TORCH) 2> /dev/null | grep -q nvidia; then \
		$(PIP) install -q --no-deps --index-url $(TORCH_CPU_INDEX) $(TORCH); \
	else $(PIP) install -q --no-deps $(TORCH); fi
	$(PIP) install -q --no-deps -r requirements.lock
	$(PIP) install -q --no-deps --no-build-isolation --editable .
	@touch $@
