"""Worlds that the tests of the engine share."""

import pytest

SILENT = {
    "environment.demand_noise": 0.0, "environment.price_noise": 0.0, "environment.disruption_rate": 0.0,
    "demography.exit_incumbent": 0.0, "demography.exit_entrant": 0.0, "demography.exit_newness": 0.0,
    "demography.ruin": False, "customers.launch_gain": 0.0,
    "contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0, "contract.burden": 0.0,
    "culture.distance": 0.0,
    "scaling.standardise": False, "terms.resentment": 0.0, "terms.separation": 0.0,
    "infrastructure.own": False,
}
PLAIN_POOL = {
    "purchasing.no_leverage": 0.0, "purchasing.fit_spread": 0.0, "conduct.temptation": 0.0, "trust.lapse": 0.0,
    "rules.gate": "never_stop", "separation.procurement": 0.0, "disputes.conflict": 0.0, "latency.months": 0.0,
    "administration.setup_modularity": 0.0, "administration.setup_readiness": 0.0, "governance.dispute_clause": False,
    "leaks.hazard": 0.0, "sharing.misuse": 0.0, "sharing.precision": 0.0, "sharing.blur": 0.0,
    "stock.service_factor": 0.0,
}


@pytest.fixture
def silent():
    """Settings of a world without shocks, disruptions, exits, launches, and effects of contract and culture."""
    return dict(SILENT)


@pytest.fixture
def plain_pool():
    """Settings under which pools have neither hidden fit nor dead categories, and nothing ends them."""
    return dict(PLAIN_POOL)


@pytest.fixture
def firms_file(tmp_path):
    """Write a user's firms, all alike but for their names, and return the path."""
    def write(n, columns="", cells=""):
        path = tmp_path / f"firms_{n}.csv"
        rows = [f"Twin {k},60{cells}" for k in range(n)]
        path.write_text("\n".join([f"firm,revenue{columns}", *rows]) + "\n")
        return str(path)
    return write
