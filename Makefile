# make demo      a paired comparison on the shipped parts co-op, from nothing to a page
# make test      linter, type checker and tests (TESTS= for the slow ones too)
# make docs      writes the generated pages of docs/
# make coverage  branch coverage of mechanisms/ and phases/, with kernels as plain Python
# make claims    results/claims.html from what results/claims/ keeps of the trial; claims not there are tried (hours)
# make clean     removes what these left
#
# PYTHON says which interpreter makes the virtual environment; by default the first suitable one.

VENV = .venv-allysim
PYTHON =
TESTS = not slow
WORKERS = auto
REPLICATIONS = 100
DEMO = demo/parts_coop
PLAIN = tests/mechanisms tests/rules tests/engine/test_alliances.py tests/engine/test_pooling.py \
    tests/twin/test_agreement.py::test_three_populations tests/twin/test_course.py \
    tests/twin/test_whole.py tests/engine/test_lots.py
SUITABLE = import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

.PHONY: demo test lint pytest docs coverage claims clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(VENV)/bin/allysim compare firms.path=experiments/parts_coop/firms.csv \
	    strategy=stand_alone,procurement_first strategy.partners=focal scenario=calm,supply_stress \
	    replications=$(REPLICATIONS) out=$(DEMO)
	@echo
	@echo "Open $(DEMO)/report.html in a browser: what the three firms gain by buying together, and how sure that is."
	@echo "Next, try your own firms: $(VENV)/bin/allysim init mine, then edit mine/firms_template.csv."

test: lint pytest

lint: $(VENV)/installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

pytest: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "$(TESTS)"

docs: $(VENV)/installed-test
	$(VENV)/bin/python docs/make.py

coverage: $(VENV)/installed-test
	NUMBA_DISABLE_JIT=1 $(VENV)/bin/python -m pytest -n auto --dist loadfile -m "not slow" $(PLAIN) --cov

claims: $(VENV)/installed-test
	$(VENV)/bin/allysim claims out=results/claims
	mv results/claims/claims.html results/claims/claims.csv results/
	$(VENV)/bin/python docs/make.py verdicts

clean:
	rm -rf $(VENV) demo

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing allysim in $(VENV) (a minute the first time) ..."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[studies,live]"
	@touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing allysim with its test tools in $(VENV) (a minute the first time) ..."
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $(VENV)/installed $@

$(VENV)/bin/python:
	@for python in "$(PYTHON)" python3.11 python3.12 python3.13 python3 python; do \
	    if [ -n "$$python" ] && "$$python" -c "$(SUITABLE)" 2>/dev/null; then \
	        exec "$$python" -m venv $(VENV); \
	    fi; \
	    if [ -n "$$python" ] && [ "$$python" = "$(PYTHON)" ]; then \
	        echo "PYTHON=$$python is not a Python 3.11, 3.12 or 3.13 with its venv module." >&2; exit 2; \
	    fi; \
	done; \
	echo "allysim needs Python 3.11, 3.12 or 3.13 with its venv module, and none was found: install one" \
	    "(on Debian: apt-get install python3 python3-venv) or say where it is with PYTHON=/path/to/python3." >&2; \
	exit 2
