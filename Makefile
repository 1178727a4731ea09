# Two commands on a fresh machine: make demo, make test. Where uv is missing it is fetched into a private environment,
# since a system pip refuses to install on Debian 12.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
ARGS ?=

.PHONY: demo test docs lint mutants container-check sbom notice reproduce verify clean

demo: $(UV)
	$(UV) run lumbung demo $(ARGS)

test: $(UV)
	$(UV) run pytest $(ARGS)

# The documentation site, for a browser or for a centre: LUMBUNG_DOCS=dist/site lumbung serve.
docs: $(UV)
	$(UV) run --group docs sphinx-build -q -W --keep-going -b html docs dist/site/docs
	$(UV) run python .ci/site.py dist/site/docs

# Hours of one processor for all of them; ARGS="--sample 600" takes a part. See docs/proving/mutants.md.
mutants: $(UV)
	$(UV) run python benchmarks/mutation.py $(ARGS)

# Needs podman, slirp4netns, a PostgreSQL server and a base image; LUMBUNG_CONTAINER_BASE names another one.
container-check: export LUMBUNG_REQUIRE_CONTAINER = 1
container-check: $(UV)
	$(UV) run pytest tests/centre/test_in_a_container.py $(ARGS)

lint: $(UV)
	$(UV) run ruff check .
	$(UV) run ruff format --check .
	$(UV) run mypy
	$(UV) run lint-imports

# What a release shows besides its wheel: the bill of materials, the licences, and that two builds give the same bytes.
sbom: $(UV)
	$(UV) run python .ci/release.py sbom dist/lumbung.cdx.json

notice: $(UV)
	$(UV) run python .ci/release.py notice

reproduce: $(UV)
	$(UV) run python .ci/release.py reproduce

# WHEEL=lumbung-….whl: whether it was built from the source that is checked out here.
verify: $(UV)
	$(UV) run python .ci/release.py verify $(WHEEL)

.uv/bin/uv:
	$(PYTHON) -m venv .uv || { echo "python3 -m venv failed: on Debian and Ubuntu run 'apt-get install python3-venv' first"; exit 1; }
	.uv/bin/pip install --quiet uv

clean:
	rm -rf .venv .uv lumbung-out .pytest_cache .mypy_cache .ruff_cache
