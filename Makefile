# Two commands do everything on a machine with Python 3.11 to 3.13, a C compiler and make: `make demo` and `make test`.
PYTHONS := python3.11 python3.12 python3.13
PYTHON ?= $(firstword $(foreach python,$(PYTHONS),$(shell $(python) -c 'print("$(python)")' 2>/dev/null)) python3)
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# Where there is no GPU, TORCH=cpu leaves out CUDA: PyTorch of the same version from its own index, which names the hashes.
TORCH ?= cuda
$(if $(filter cuda cpu,$(TORCH)),,$(error TORCH is cuda or cpu, not $(TORCH)))
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PYTORCH := ^torch(vision)?==
CUDA := ^(triton==|nvidia-|cuda-)

CONTAINER ?= podman

.PHONY: help demo score-demo images docs test test-survival test-units lint format validate release slurm container sts lock clean clean-all

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.package  ## Run the whole workflow on the demo cohort: results/demo/report.html
	$(SNAKEMAKE)
	@echo "Open results/demo/report.html. To call snakemake yourself: source $(BIN)/activate"

score-demo: demo  ## Apply the demo's models to ten new simulated patients: results/new_patients/application/index.html
	$(SNAKEMAKE) --configfile config/new_patients.yaml
	@echo "Open results/new_patients/application/index.html"

images: demo  ## Make the documentation's pictures again from the demo
	$(BIN)/python docs/images/renew.py results/demo
	$(BIN)/snakemake --rulegraph | tred | dot -Tsvg > docs/images/rulegraph.svg

docs: $(VENV)/.development  ## Build the documentation as a site: results/site/index.html
	$(BIN)/mkdocs build --strict
	@echo "Open results/site/index.html; with search: $(BIN)/mkdocs serve"

test: $(VENV)/.development  ## Run all tests
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-survival test-units
	$(BIN)/python -m pytest tests --ignore=tests/unit

# Each takes one core, and the tests of survival as long as all other unit tests.
test-survival:
	$(BIN)/python -m pytest tests/unit/survival

test-units:
	$(BIN)/python -m pytest tests/unit --ignore=tests/unit/survival

lint: $(VENV)/.development  ## Check style and structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/snakemake --lint -s workflow/public_cohorts.smk --configfile config/hcc_tace_seg/config.yaml
	$(BIN)/snakemake --lint -s workflow/public_cohorts.smk --configfile config/waw_tace/config.yaml

format: $(VENV)/.development  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

validate: $(VENV)/.development  ## Full size: the planted effects are found, the null cohort's are not (about 40 minutes)
	$(BIN)/python -m pytest -m validation tests/validation

release: $(VENV)/.development  ## Check all that a release needs, then lint and test: sdist and wheel in results/release
	$(BIN)/python .ci/release.py
	.ci/run
	@echo "Ready: tag v$$($(BIN)/taceflow --version | cut -d' ' -f2), and push the tag"

slurm: $(VENV)/.development  ## The small study on a Slurm started on this machine (needs slurm-wlm and munge)
	$(BIN)/python -m pytest -m slurm tests/slurm

# BUILD_OPTIONS and RUN_OPTIONS: what a machine asks for (docs/environments.md).
container:  ## Build the image taceflow and run the small study in it: results/container/results/tiny/report.html
	@command -v $(CONTAINER) >/dev/null || { echo "make container needs podman: install it, or say make container CONTAINER=docker"; exit 1; }
	$(CONTAINER) build --file Containerfile --tag taceflow $(BUILD_OPTIONS) .
	mkdir -p results/container
	$(CONTAINER) run --rm --volume "$(CURDIR)/results/container:/study:Z" $(RUN_OPTIONS) taceflow \
		--cores $(CORES) --configfile /opt/taceflow/tests/workflow/tiny.yaml
	@echo "Open results/container/results/tiny/report.html"

sts: $(VENV)/.package  ## Run twelve real sarcoma patients: make sts DATA=folder
	@test -n "$(DATA)" || { echo "make sts DATA=folder: the folder that holds patients.tsv and dicom/"; exit 1; }
	$(BIN)/python config/sts/tables.py "$(DATA)" results/sts/tables
	$(SNAKEMAKE) --configfile config/sts/config.yaml

lock: $(VENV)/.development  ## Regenerate the lock files and the conda environments from pyproject.toml
	$(BIN)/python envs/lock.py

clean:  ## Delete everything the workflow made
	rm -rf results .snakemake

clean-all: clean  ## Delete the virtual environment too
	rm -rf $(VENV)

$(VENV)/.runtime: envs/runtime.lock
	@command -v $(PYTHON) >/dev/null || { echo "taceflow needs Python 3.11, 3.12 or 3.13: install one, or name it with make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "taceflow needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another version: name the right one with make PYTHON=/path/to/python3.12"; exit 1; }
	@command -v $${CC:-cc} >/dev/null || { echo "taceflow needs a C compiler to build PyRadiomics: install gcc or clang"; exit 1; }
	@echo "Creating $(VENV) (about 6 GB, most of it PyTorch's CUDA: 2 GB with TORCH=cpu; a few minutes)"
	$(PYTHON) -m venv $(VENV)
ifeq ($(TORCH),cpu)
	awk '/^[^ #]/ { kept = !/$(PYTORCH)|$(CUDA)/ } kept' envs/runtime.lock > $(VENV)/cpu.lock
	$(PIP_INSTALL) --require-hashes -r $(VENV)/cpu.lock
	$(PIP_INSTALL) --index-url $(TORCH_INDEX) $$(awk '/$(PYTORCH)/ { print $$1 }' envs/runtime.lock)
else
	$(PIP_INSTALL) --require-hashes -r envs/runtime.lock
endif
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.runtime
	$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: envs/development.lock $(VENV)/.package
	$(PIP_INSTALL) --require-hashes -r envs/development.lock
	@touch $@
