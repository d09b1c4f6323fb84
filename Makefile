# Mein Postfach. `make` alone prints what there is; CI runs `make test` (.ci/run).

CARGO ?= cargo
# DEMO=--once leaves after the story; DEMO='--once --keep DIR' keeps its files.
DEMO ?=
# CUTS=100 cuts the power less often than a thousand times.
CUTS ?= 1000
# BENCH='crypto statements' or BENCH='file --size 256' runs a part.
BENCH ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo web webtest stories build test tools check fmt clippy doc structure deny advisories unit test-power bench bench-server bench-peers test-attack clean

help: ## print this
	@printf 'Mein Postfach: the mailbox between authorities and citizens\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build, then tell the whole story with real files on this machine (needs no root)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web; else \
		echo 'Node is not here: the demo runs without the pages for the browser.'; fi
	@echo 'Building postfach as the tests do. Cargo fetches the crates named in Cargo.lock; the first build takes a few minutes.'
	$(CARGO) build --locked --bin postfach
	$(CARGO) run --locked --quiet --bin postfach -- demo $(DEMO)

web: ## build the pages for the browser, which the program then contains (needs Node)
	@if [ ! -e web/node_modules/.package-lock.json ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then \
		echo 'Installing what builds the pages (npm ci).'; \
		npm --prefix web ci --ignore-scripts --loglevel=error && touch web/node_modules/.package-lock.json; fi
	@npm --prefix web run --silent build -- --logLevel warn

webtest: web ## lint, types and tests of the pages
	npm --prefix web run --silent lint
	npm --prefix web run --silent typecheck
	npm --prefix web run --silent test

stories: web ## the pages' client and stories in a real browser, against the real server
	@tests/tools/install --stories
	$(CARGO) build --locked --quiet --bin postfach
	POSTFACH="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/debug/postfach" npm --prefix web run --silent test -- test/server
	POSTFACH="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/debug/postfach" npm --prefix web run --silent e2e

build: ## build the postfach binary: target/release/postfach
	$(CARGO) build --release --locked --bin postfach

test: tools web check unit webtest stories ## install the tests' tools, run all checks, then all tests

tools: ## install what the tests call, such as age and poppler-utils (Debian packages: as root)
	@tests/tools/install

check: fmt deny structure clippy doc ## formatting, layering, licences, lints, documentation; any warning fails

fmt:
	$(CARGO) fmt --all --check

structure: # imports, purity, naming; shown even when it passes, for its warnings
	$(CARGO) test --locked --quiet --test structure -- --show-output

deny: tools
	tests/tools/cargo/bin/cargo-deny --locked --workspace check --hide-inclusion-graph licenses bans sources

advisories: tools ## ask the advisory database about the dependencies (needs a network)
	tests/tools/cargo/bin/cargo-deny --locked --workspace check advisories

clippy:
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

unit:
	$(CARGO) test --locked --workspace

test-power: ## cut the server's power a thousand times (root); goes on where it was interrupted
	POSTFACH_CUTS=$(CUTS) POSTFACH_POWER_TALLY="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/power.json" \
		$(CARGO) test --locked --test power -- --nocapture
	@rm -f "$${CARGO_TARGET_DIR:-$(CURDIR)/target}/power.json"

test-attack: ## fire 40,000 hostile requests of 35 kinds at the real server beside honest mail; prints the figures
	ATTACK=full $(CARGO) test --locked --test attack -- --nocapture

bench: ## measure us beside aws-lc-rs, ring, libsodium, rage and age, in one run
	@tests/tools/install --bench
	$(CARGO) run --release --locked -p postfach-benches --features libsodium -- $(BENCH)

bench-server: ## load a real server with notices over TLS and verify every receipt (BENCH='--notices 100000')
	$(CARGO) build --release --locked --bin postfach
	$(CARGO) run --release --locked -p postfach-benches -- server $(BENCH)

bench-peers: ## PostgreSQL's durable inserts and Dovecot's LMTP with as many bytes as a submission (as root)
	@tests/tools/install --peers
	benches/peers.sh 2845 10 2000

clean: ## remove what was built and installed here
	$(CARGO) clean
	rm -rf web/node_modules web/dist/pages tests/tools/node_modules tests/tools/venv tests/tools/cargo tests/tools/cctv
