# Two doors: `make demo` builds the April 2024 issue, `make test` checks everything.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
LOCKED := $(PIP) install --quiet --require-hashes --no-deps
# The CPU build of torch on a plain Linux machine: make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
# Only what a text model needs: no vision projector, no curl, no example programs.
LLAMA_CMAKE := -DLLAVA_BUILD=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF

VOCABULARIES := '*/ggml-vocab-llama-bpe.gguf' '*/ggml-vocab-llama-spm.gguf' '*/ggml-vocab-phi-3.gguf'

.PHONY: demo test setup check format lock wheel help
demo: setup ## set everything up and build the April 2024 issue
	$(VENV)/bin/digest demo

test: setup $(VENV)/.dev $(VENV)/.vocabularies ## set everything up and run the whole test suite
	HF_HUB_OFFLINE=1 $(VENV)/bin/python -m pytest

setup: $(VENV)/.digest ## create .venv with what digest needs, and the embedded models

$(VENV)/.torch:
	$(PYTHON) -c 'import sys; sys.exit("digest needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 demo" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet torch==2.13.0 $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	touch $@

$(VENV)/.run: $(VENV)/.torch requirements/build.txt requirements/run.txt requirements/models.txt
	$(LOCKED) -r requirements/build.txt
	@echo "compiling llama-cpp-python: some minutes the first time"
	CMAKE_ARGS="$(LLAMA_CMAKE) $$CMAKE_ARGS" $(LOCKED) --no-build-isolation -r requirements/run.txt
	$(LOCKED) -r requirements/models.txt
	touch $@

$(VENV)/.digest: $(VENV)/.run pyproject.toml
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(LOCKED) -r requirements/dev.txt
	touch $@

# Tokenizers for the tests' tiny models; the wheel that was compiled leaves them out, the source has them.
$(VENV)/.vocabularies: $(VENV)/.run
	sed -n '/^llama-cpp-python==/,/^    # via/p' requirements/run.txt | grep -v '#' | sed '$$ s/ \\$$//' >$(VENV)/llama.txt
	$(PIP) download --quiet --no-deps --no-build-isolation --no-binary llama-cpp-python --require-hashes --dest $(VENV)/sources -r $(VENV)/llama.txt
	mkdir -p $(VENV)/vocabularies
	tar -xzf $(VENV)/sources/llama_cpp_python-*.tar.gz -C $(VENV)/vocabularies --strip-components=4 --wildcards $(VOCABULARIES)
	rm -r $(VENV)/sources
	touch $@

check: setup $(VENV)/.dev ## lint, type-check and hold the architecture
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## let ruff order imports and lay out the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

wheel: setup $(VENV)/.dev ## build the wheel into dist/
	$(VENV)/bin/python -m build --no-isolation --outdir dist .

lock: ## write requirements/*.txt anew from pyproject.toml (needs uv)
	requirements/lock.sh

help: ## list these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12
