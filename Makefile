# Návaznost. `make run` sets everything up, fills in demo data, serves. `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
FLASK := $(RUN) -m flask --app app
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))
HOST ?= 127.0.0.1
PORT ?= 8000
BASE_URL ?= http://$(HOST):$(PORT)
export HOST PORT BASE_URL

.PHONY: setup pdf run test screens bench figures figures-long everypage lint messages

setup: $(VENV)/.ready $(CATALOGUES)
	$(FLASK) migrate
	$(FLASK) fill-demo

$(VENV)/.ready: requirements.txt
	@command -v git >/dev/null || { echo "git is missing: install it first."; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || { echo "Python 3.11 or later is needed; set PYTHON=python3.12, for example."; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || { echo "The Python module venv is missing (on Debian: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	@touch $@

%.mo: %.po $(VENV)/.ready
	@$(VENV)/bin/pybabel -q compile -i $< -o $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

# for PDF files of leaflets; needs libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0
pdf: $(VENV)/.ready requirements-pdf.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-pdf.txt

run: setup
	@$(FLASK) welcome
	@exec $(FLASK) serve

test: $(VENV)/.ready-dev $(CATALOGUES)
	$(VENV)/bin/ruff check .
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.ready-dev
	$(VENV)/bin/ruff check .

screens: $(VENV)/.ready-dev
	$(RUN) tools/screens.py

bench: $(VENV)/.ready-dev
	$(RUN) -m benchmarks

figures: $(VENV)/.ready-dev
	$(RUN) -m pytest --figures
	$(RUN) -m pytest --figures -m long tests/test_search_limit.py

everypage: $(VENV)/.ready-dev $(CATALOGUES)
	$(RUN) -m pytest -m everypage

figures-long: $(VENV)/.ready-dev
	$(RUN) -m pytest -m long --figures
