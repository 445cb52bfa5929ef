"""What a Mesa user would write first, in fifteen lines."""
import mesa
import numpy as np

from allysim import AllianceModel, reporters

model = AllianceModel(months=24, governance="light", rng=3, datacollector=mesa.DataCollector(
    model_reporters={"alliances": lambda m: len(m.alliances)} | reporters("population.ebitda"),
    agent_reporters={"cash": "cash", "size": "size"}))
while model.running:
    model.step()
small = model.agents.select(lambda firm: firm.size == "small" and firm.partners)
poorest = min(small, key=lambda firm: firm.cash)
confidence = [poorest.trust_in(partner) for partner in poorest.partners]
print(f"{len(small)} small allied firms, cash {small.agg('cash', np.median):.0f} k€, trust {min(confidence):.2f}")
series = model.datacollector.get_model_vars_dataframe()
