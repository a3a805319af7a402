# The two commands of the README are toukon and test; each does all the set-up
# that it needs, and prints what it installs before it does.

GO ?= go
BIN := bin/scenario

.PHONY: toukon test bench soak build manual

toukon: build
	@tools/setup run
	$(BIN) run scenarios/toukon/toukon.star

build:
	@tools/setup go
	@$(GO) build -o $(BIN) ./cmd/scenario

test: build
	@tools/setup test
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...  # the first time it builds images
	$(BIN) run --frozen -j 2 scenarios docs/tutorial/scenarios
	$(BIN) run --frozen --matrix elixir=1.14,1.18 scenarios/elixir-versions
	$(BIN) weave --frozen docs README.md

bench: build
	@tools/setup run
	$(GO) run ./tools/bench

# Looks for what is left behind, for half an hour, and for false alarms, for an
# hour or so.
soak: build
	@tools/setup test
	$(GO) run ./tools/reliability -o docs/reliability.md
	$(GO) run ./tools/soak

# The reference manual and the stubs for editors, from the builtins and the reports themselves.
manual: build
	$(BIN) doc --markdown > docs/reference/language.md
	$(BIN) doc --markdown report > docs/reference/report.md
	$(BIN) doc --stubs > docs/reference/__builtins__.pyi
