import pytest

QUIET = {
    "strategy": "stand_alone", "background.strategy": "stand_alone",
    "environment.demand_noise": 0.0, "environment.price_noise": 0.0, "environment.disruption_rate": 0.0,
    "demography.exit_incumbent": 0.0, "demography.exit_entrant": 0.0, "demography.exit_newness": 0.0,
    "demography.ruin": False, "customers.launch_gain": 0.0, "learning.progress_ratio": 1.0,
}
"""A world without shocks, learning, launches and exits, in which nobody looks for partners."""
FREE = {
    "governance": "none", "administration.scale": 0.0, "administration.setup": 0.0, "purchasing.fee": 0.0,
    "purchasing.no_leverage": 0.0, "purchasing.fit_spread": 0.0, "purchasing.first_rung": .01,
    "rules.gate": "never_stop", "rules.conduct": "never", "trust.lapse": 0.0, "separation.procurement": 0.0,
}
"""Alliances that cost nothing, always save something, and that nothing ends."""


@pytest.fixture
def quiet():
    """Settings of a world in which nothing happens by itself."""
    return dict(QUIET)


@pytest.fixture
def free():
    """Settings under which alliances always yield something and never end."""
    return dict(FREE)


@pytest.fixture
def firms(tmp_path):
    """Write firms of the given revenues (k€/month) and return the settings of a world of these alone."""
    def write(*revenues):
        path = tmp_path / "firms.csv"
        path.write_text("\n".join(["firm,revenue", *(f"Mill {k},{r!r}" for k, r in enumerate(revenues))]) + "\n")
        return {"firms.path": str(path), "firms.background": 0}
    return write
