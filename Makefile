# Two commands are enough: `make serve` and `make test`. Both set up what they need and may be run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE_OK := $(VENV)/.serve-ready
TEST_OK := $(VENV)/.test-ready
PEERS := .venv-bench
PEERS_OK := $(PEERS)/.ready

.PHONY: serve test check lint types contracts bench bench-charter bench-exposure bench-fleet bench-footprint bench-log bench-quality bench-second-net bench-shield cop \
  fuzz browser softhsm lock clean help

help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/ —/'

serve: $(SERVE_OK)  ## set up, fetch the embedded model once, start the shield on 127.0.0.1:8787
	@$(BIN)/bouclier models pull || echo "Le modèle embarqué manque ; le reste fonctionne. / The embedded model is missing; the rest works." >&2
	@exec $(BIN)/bouclier serve

test: $(TEST_OK) browser softhsm lint types contracts  ## set up and run everything: what CI runs
	$(BIN)/bouclier models pull smollm2-135m
	$(BIN)/python -m pytest -q --doctest-modules src/bouclier
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile tests

check: $(TEST_OK) lint types contracts  ## format, lint, types, room contracts, licences, unit tests and laws
	$(BIN)/python -m pytest -q --doctest-modules src/bouclier
	$(BIN)/python -m pytest -q -n logical --maxprocesses 4 tests/unit tests/laws

lint: $(TEST_OK)
	$(BIN)/ruff format --check src tests bench models fuzz examples
	$(BIN)/ruff check src tests bench models fuzz examples
	$(BIN)/reuse --suppress-deprecation lint --quiet

types: $(TEST_OK)
	$(BIN)/mypy

contracts: $(TEST_OK)
	$(BIN)/lint-imports

browser: $(TEST_OK)
	@$(BIN)/python tests/browser.py

softhsm: $(TEST_OK)
	@$(BIN)/python tests/softhsm.py

cop: $(TEST_OK)  ## five parties, three authorities, two gateways, three witnesses and a monitor, on this machine
	@$(BIN)/python -m examples.cop

bench: $(TEST_OK)  ## measure, beside the bare pass-through, on this machine
	$(BIN)/python bench/load.py

bench-log: $(TEST_OK)  ## what the record costs, with witnesses over HTTP, beside the disk's own limit
	@$(BIN)/python -m bench.log_speed

bench-charter: $(TEST_OK)  ## what a decision of the charter costs, beside the engine's bare call
	@$(BIN)/python -m bench.charter_speed

bench-exposure: $(TEST_OK)  ## what knowing who can be compelled costs, in a registry of 10,000 entities
	@$(BIN)/python -m bench.exposure_speed

bench-fleet: $(TEST_OK)  ## our placement beside others', on 35 sites that fail; and what a decision costs
	@$(BIN)/python -m bench.fleet
	@$(BIN)/python -m bench.fleet.decision_cost

bench-footprint: $(TEST_OK)  ## what counting a footprint costs
	@$(BIN)/python -m bench.footprint_speed

bench-second-net: $(TEST_OK)  ## how often the second net errs on requests written for it, and what it costs
	@nice -n 10 $(BIN)/python -m bench.second_net_quality

bench-quality: $(TEST_OK) $(PEERS_OK)  ## what the shield finds and leaks, beside Presidio and the packaged NER
	@$(BIN)/python -m bench.quality

bench-shield: $(TEST_OK) $(PEERS_OK)  ## what reading a text costs, beside Presidio
	@$(BIN)/python -m bench.shield_speed

$(PEERS_OK): bench/requirements.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

fuzz: $(TEST_OK)  ## two minutes of fuzzing for each parser, the cloak and its restoring
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -r fuzz/requirements.txt
	for target in restore events answer chat_request; do $(BIN)/python fuzz/fuzz_$$target.py -max_total_time=120 || exit 1; done

lock:  ## resolve the requirements again (needs uv on PATH)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  pyproject.toml --extra names --extra bulk --extra engine --group build -o requirements/serve.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  pyproject.toml --all-extras --group build --group dev -o requirements/test.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  bench/requirements.in -o bench/requirements.txt

clean:  ## forget the environment (never ./var, which holds your log and keys)
	rm -rf $(VENV) $(PEERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(SERVE_OK): requirements/serve.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Bouclier needs Python 3.11 or later: make PYTHON=python3.12 serve" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements/serve.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(TEST_OK): $(SERVE_OK) requirements/test.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
