"""Our key figures for Mesa's own collector: ``mesa.DataCollector(model_reporters=allysim.reporters())``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from allysim.errors import ConfigError, nearest
from allysim.kpis import figures

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def reporters(*names: str) -> dict[str, functools.partial[float]]:
    """Return reporters of key figures by name; they read the month's last recorded row and compute nothing.

    Parameters
    ----------
    names : str
        ``<group>.<kpi>`` (see `allysim.kpis`), such as ``focal.ebitda``; all of them if none is given. Figures
        of focal firms are NaN in a model that has none.

    Raises
    ------
    ConfigError
        An unknown name.

    Examples
    --------
    >>> collector = mesa.DataCollector(model_reporters=al.reporters("focal.ebitda", "population.survival"))
    >>> model = al.AllianceModel(months=12, datacollector=collector, **{"firms.n": 20})
    >>> model.run_model()
    >>> len(collector.get_model_vars_dataframe())  # month 0 too
    13
    """
    known = figures()
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown key figure '{name}'{nearest(name, known)}")
    return {name: functools.partial(_latest, place=known[name]) for name in names or known}


def _latest(model: AllianceModel, place: tuple[int, int]) -> float:
    return float(model.recorder.series[-1][place])
