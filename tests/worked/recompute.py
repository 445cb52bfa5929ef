"""Two months of four firms, worked out from the written equations alone.

Nothing here imports allysim: the numbers come from the model's equations (F1, F2 ...), from the parameter
values written below and from a table of four firms. A table of values is a list with one entry per firm,
in the order of the file; money is in k€, flows are per month, quantities in units a month.
"""

import csv
import math

MEMBERS = (0, 1, 2)
MONTHS = 2
SEGMENTS = ("legacy", "electric", "software", "services")
SEGMENT_SHARES = (0.55, 0.15, 0.10, 0.20)
CAPABILITIES = ("hardware", "software", "battery", "sourcing", "logistics", "marketing", "service", "data")
WEIGHTS = {
    "legacy": {"hardware": 0.45, "sourcing": 0.20, "logistics": 0.15, "service": 0.10, "marketing": 0.10},
    "electric": {"battery": 0.35, "hardware": 0.20, "software": 0.20, "sourcing": 0.15, "marketing": 0.10},
    "software": {"software": 0.50, "data": 0.25, "service": 0.15, "marketing": 0.10},
    "services": {"service": 0.40, "logistics": 0.20, "marketing": 0.20, "data": 0.20},
}

SETTINGS = {
    "strategy": "stand_alone", "firms.background": 0, "months": MONTHS,
    "environment.demand_noise": 0.0, "environment.price_noise": 0.0, "environment.disruption_rate": 0.0,
    "scenario.price_step": 0.05, "scenario.price_step_month": 2,
    "market.taste_spread": 0.0, "customers.launch_gain": 0.0, "customers.capacity": 1.01,
    "purchasing.no_leverage": 0.0, "purchasing.fit_spread": 0.0,
    "contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0, "contract.burden": 0.0,
    "culture.distance": 0.0, "stock.service_factor": 0.0,
    "pilot.months": 2, "pilot.noise": 0.0,
    "conduct.temptation": 0.0, "terms.resentment": 0.0, "trust.lapse": 0.0, "leaks.hazard": 0.0, "sharing.misuse": 0.0,
    "disputes.conflict": 0.0,
    "latency.months": 0.0, "administration.setup_modularity": 0.0, "administration.setup_readiness": 0.0,
    "demography.exit_incumbent": 0.0, "demography.ruin": False,
}
"""What is set away from the default, by the key a user sets it with."""

PARAMETERS = {
    "market.price_sensitivity": 2.5, "market.capability_weight": 3.0, "market.home_taste": 1.5,
    "market.outside_share": 0.5, "market.taste_spread": 0.0,
    "firms.ebitda_margin": 0.12, "firms.input_share": 5 / 6, "firms.cash_months": 3.0,
    "customers.adjustment": 0.25, "customers.churn": 0.03, "customers.churn_undelivered": 0.2,
    "customers.marketing_share": 0.03, "customers.capacity": 1.01, "customers.launch_gain": 0.0,
    "environment.price_persistence": 0.92, "environment.demand_noise": 0.0, "environment.price_noise": 0.0,
    "environment.disruption_rate": 0.0, "scenario.jumps": False, "scenario.price_step": 0.05,
    "scenario.price_step_month": 2,
    "purchasing.discount": 0.20, "purchasing.steepness": 0.6, "purchasing.first_rung": 30.0, "purchasing.fee": 0.02,
    "purchasing.no_leverage": 0.0, "purchasing.fit_spread": 0.0,
    "contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0, "contract.burden": 0.0,
    "culture.distance": 0.0, "stock.service_factor": 0.0,
    "learning.progress_ratio": 0.85, "learning.experience_months": 60.0,
    "administration.scale": 1.0, "administration.trust_slope": 4.5, "administration.size_exponent": 0.5,
    "administration.setup": 10.0, "governance.mode": "shared", "governance.completeness": 0.5,
    "pilot.months": 2, "pilot.kpi": "leading", "pilot.control": True, "pilot.threshold": 0.02, "pilot.go": 0.8,
    "pilot.stop": 0.2, "pilot.prior_mean": 0.05, "pilot.prior_sd": 0.08, "pilot.noise": 0.0, "pilot.persistent": 0.06,
    "pilot.budget_months": 6.0,
    "trust.memory": 0.98, "trust.good": 1.0, "trust.bad": 3.0, "trust.prior_weight": 4.0, "trust.lapse": 0.0,
    "trust.disappointing": 0.95, "conduct.temptation": 0.0, "terms.resentment": 0.0, "leaks.hazard": 0.0,
    "sharing.misuse": 0.0,
    "disputes.conflict": 0.0, "latency.months": 0.0, "administration.setup_modularity": 0.0,
    "administration.setup_readiness": 0.0,
    "demography.payout_months": 6.0, "demography.payout_share": 0.5, "demography.capital_charge": 0.01,
    "demography.capital_months": 3.0, "demography.exit_incumbent": 0.0, "demography.ruin": False,
    "rules.value_split": "equal", "rules.gate": "bayes", "rules.market": "logit",
}
"""Every value that enters a number below, settings and defaults alike."""

P = PARAMETERS
ALPHA = PARAMETERS["market.price_sensitivity"]


def read(path):
    """Return the file's columns as lists: numbers where they are numbers, None where a cell is empty."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    texts = ("firm", "segment")
    return {name: [row[name] if name in texts else float(row[name]) if row[name] else None for row in rows]
            for name in rows[0]}


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


# ---- F22 demand and price


def demand(worth, size, price):
    """Return attraction exp(u_is), its sums I_s, shares s_is, demand Q_i, and sums of M s^2 at given prices."""
    firms, segments = range(len(price)), range(len(size))
    attraction = [[math.exp(worth[i][s] - ALPHA * price[i]) for s in segments] for i in firms]
    inclusive = [math.fsum(attraction[i][s] for i in firms) for s in segments]
    share = [[attraction[i][s] / (1 + inclusive[s]) for s in segments] for i in firms]
    first = [math.fsum(size[s] * share[i][s] for s in segments) for i in firms]
    second = [math.fsum(size[s] * share[i][s] ** 2 for s in segments) for i in firms]
    return {"attraction": attraction, "inclusive": inclusive, "share": share, "demand": first, "squares": second,
            "mean_share": [b / a for a, b in zip(first, second, strict=True)]}


def contraction(liking, revenue, size):
    """Return A_i and B_s (the first is 0) at which every firm sells its revenue at a price of 1, and the rounds.

    Each round adds to A_i the log of wanted over met demand, and to B_s the log of wanted over met odds.
    """
    firms, segments = range(len(revenue)), range(len(size))
    wanted = (1 - P["market.outside_share"]) / P["market.outside_share"]
    price = [1.0 for _ in firms]
    appeal, intercept, rounds, step = [0.0 for _ in firms], [0.0 for _ in segments], 0, [1.0]
    while max(map(abs, step)) >= 1e-14:
        worth = [[appeal[i] + intercept[s] + liking[i][s] for s in segments] for i in firms]
        odds = demand(worth, size, price)["inclusive"]
        shift = [math.log(wanted / odds[s]) for s in segments]
        intercept = [intercept[s] + shift[s] for s in segments]
        worth = [[worth[i][s] + shift[s] for s in segments] for i in firms]
        met = demand(worth, size, price)["demand"]
        step = [math.log(revenue[i] / met[i]) for i in firms]
        appeal = [appeal[i] + step[i] for i in firms]
        rounds += 1
    return [a + intercept[0] for a in appeal], [b - intercept[0] for b in intercept], rounds


def market_prices(worth, size, cost, price):
    """Iterate p = c + 1 / [alpha (1 - sbar)] from last month's prices until none moves by 1e-12; keep the rounds."""
    rounds = []
    while not rounds or max(abs(a - b) for a, b in zip(rounds[-1]["price"], rounds[-1]["from"], strict=True)) >= 1e-12:
        met = demand(worth, size, price)
        new = [c + 1 / (ALPHA * (1 - s)) for c, s in zip(cost, met["mean_share"], strict=True)]
        rounds.append({"from": price, **met, "price": new})
        price = new
    return rounds


# ---- F1 and F2 purchasing and learning


def rung(spend):
    """Return the price over list price at a spend of so many k€ a month at list price."""
    first, steep = P["purchasing.first_rung"], P["purchasing.steepness"]
    return 1.0 if spend < first else 1 - P["purchasing.discount"] * (1 - (spend / first) ** -steep)


def spend_at_list(paid):
    """Return the spend at list price that comes to `paid` after the discount, by halving."""
    low, high = paid, paid / (1 - P["purchasing.discount"])
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * rung(middle) < paid else (low, middle)
    return (low + high) / 2


# ---- F14, F20 and F5 governance, belief and trust


def governance_base(members):
    """Return the monthly cost of one member under shared governance, before trust and size (k€)."""
    return 0.15 + 0.15 * (members - 1) / 2


def governance_cost(trust, revenue):
    """Return the monthly cost of one member with the pool's mean trust (k€)."""
    friction = math.exp(-P["administration.trust_slope"] * (trust - 0.5))
    size = (revenue / 60) ** P["administration.size_exponent"]
    return governance_base(len(MEMBERS)) * (0.5 + P["governance.completeness"]) * friction * size


def trust_table(disposition, good, bad):
    """Return T_ij of each firm i in each other firm j, by pair (i, j)."""
    weight = P["trust.prior_weight"]
    return {(i, j): (good[i, j] + weight * disposition[i]) / (good[i, j] + bad[i, j] + weight) for i, j in good}


def mean_trust(trust):
    """Return the mean over all ties among members."""
    return mean(value for (i, j), value in trust.items() if i in MEMBERS and j in MEMBERS)


def overlap(size, share, price):
    """Return the members' mean omega: the cosine of their revenue vectors over segments, over all pairs."""
    sold = {i: [size[s] * share[i][s] * price[i] for s in range(len(size))] for i in MEMBERS}

    def dot(i, j):
        return math.fsum(a * b for a, b in zip(sold[i], sold[j], strict=True))

    return mean(dot(i, j) / math.sqrt(dot(i, i) * dot(j, j)) for i in MEMBERS for j in MEMBERS if i < j)


# ---- The start


def month_zero(firms):
    """Return everything calibrated at month 0."""
    revenue, n = firms["revenue"], range(len(firms["firm"]))
    home = [SEGMENTS.index(s) for s in firms["segment"]]
    size = [math.fsum(revenue) * share / (1 - P["market.outside_share"]) for share in SEGMENT_SHARES]
    fit = [[math.fsum(w * firms[c][i] for c, w in WEIGHTS[s].items()) for s in SEGMENTS] for i in n]
    liking = [[P["market.home_taste"] * (home[i] == s) + P["market.capability_weight"] * fit[i][s]
               for s in range(len(SEGMENTS))] for i in n]
    appeal, intercept, rounds = contraction(liking, revenue, size)
    worth = [[appeal[i] + intercept[s] + liking[i][s] for s in range(len(SEGMENTS))] for i in n]
    met = demand(worth, size, [1.0 for _ in n])
    cost = [1 - 1 / (ALPHA * (1 - share)) for share in met["mean_share"]]
    bought = [P["firms.input_share"] * c if x is None else x for x, c in zip(firms["input_share"], cost, strict=True)]
    margin = [P["firms.ebitda_margin"] if x is None else x for x in firms["ebitda_margin"]]
    spend = [spend_at_list(bought[i] * revenue[i]) for i in n]
    month_cost = [(1 - cost[i] - margin[i]) * revenue[i] for i in n]
    leads = [P["customers.churn"] * r for r in revenue]
    marketing = [P["customers.marketing_share"] * r for r in revenue]
    return {
        "home": home, "size": size, "fit": fit, "liking": liking, "appeal": appeal, "intercept": intercept,
        "rounds": rounds, "worth": worth, "met": met, "price": [1.0 for _ in n], "unit_cost": cost,
        "bought": bought, "other_cost": [cost[i] - bought[i] for i in n], "ebitda_margin": margin,
        "paid": [bought[i] * revenue[i] for i in n], "spend": spend, "rung": [rung(s) for s in spend],
        "list_price": [bought[i] / rung(spend[i]) for i in n], "month_cost": month_cost, "marketing": marketing,
        "leads": leads, "lead_cost": [marketing[i] / leads[i] for i in n],
        "fixed_cost": [month_cost[i] - marketing[i] for i in n],
        "cash": [P["firms.cash_months"] * month_cost[i] if firms["cash"][i] is None else firms["cash"][i] for i in n],
        "capacity": [P["customers.capacity"] * r for r in revenue],
        "experience_unit": [P["learning.experience_months"] * r for r in revenue],
        "margin": [(1 - cost[i]) * revenue[i] for i in n], "ebitda": [margin[i] * revenue[i] for i in n],
        "consumer_surplus": math.fsum(m * math.log(1 + v) for m, v in zip(size, met["inclusive"], strict=True)) / ALPHA,
    }


def founding(firms, start):
    """Return what founding the pool at month 0 sets and costs; firms of one file know each other."""
    n = range(len(firms["firm"]))
    nothing = {(i, j): 0.0 for i in n for j in n if i != j}
    trust = trust_table(firms["trust"], nothing, nothing)
    setup = P["administration.setup"] / len(MEMBERS)
    monthly = {i: governance_cost(mean_trust(trust), firms["revenue"][i]) for i in MEMBERS}
    total = math.fsum(monthly.values())
    paid = [setup if i in MEMBERS else 0.0 for i in n]
    return {
        "trust": trust, "mean_trust": mean_trust(trust), "setup": setup, "governance": monthly,
        "governance_total": total, "budget": P["administration.setup"] + P["pilot.budget_months"] * total,
        "baseline": {i: start["margin"][i] for i in MEMBERS},
        "overlap": overlap(start["size"], start["met"]["share"], start["price"]),
        "cash": [c - x for c, x in zip(start["cash"], paid, strict=True)], "economic_profit": [0.0 - x for x in paid],
        "good": nothing, "bad": nothing,
    }


def month_before(firms, start, pool):
    """Return what the first month needs of the month before it."""
    n = len(firms["firm"])
    return {
        "log_input_price": 0.0, "price": start["price"], "sales": firms["revenue"], "output": firms["revenue"],
        "on_time": [1.0] * n, "experience": [1.0] * n, "cash": pool["cash"], "economic_profit": pool["economic_profit"],
        "mean_trust": pool["mean_trust"], "good": pool["good"], "bad": pool["bad"], "spent": P["administration.setup"],
        "signals": [], "net_gains": {i: [] for i in MEMBERS}, "gate_month": P["pilot.months"],
    }


# ---- A month, phase by phase


def month(number, firms, start, pool, last):
    """Return every number of a month; `last` is the month before in the same form."""
    n = range(len(firms["firm"]))
    out = {"month": number}
    environment(out, last)
    market(out, n, start, last)
    operations(out, n, start, last)
    collaboration(out, n, start)
    accounting(out, n, start, pool, last)
    assessment(out, n, firms, start, pool, last)
    gate(out, pool, last)
    return out


def environment(out, last):
    """F23: the log input price fades by its persistence, and takes the step in its month; all noise is off."""
    step = P["scenario.price_step"] if out["month"] == P["scenario.price_step_month"] else 0.0
    out["step"] = step
    out["log_input_price"] = P["environment.price_persistence"] * last["log_input_price"] + step
    out["input_index"] = math.exp(out["log_input_price"])


def market(out, n, start, last):
    """F1, F2, F22: rungs from last month's output, learning from past experience, then prices and demand."""
    out["volume"] = [start["list_price"][i] * last["output"][i] for i in n]
    out["rung"] = [rung(v) for v in out["volume"]]
    out["pool_volume"] = math.fsum(out["volume"][i] for i in MEMBERS)
    out["pool_rung"] = rung(out["pool_volume"])
    out["discount"] = [out["rung"][i] - out["pool_rung"] if i in MEMBERS else 0.0 for i in n]
    peers = [[j for j in n if start["home"][j] == start["home"][i]] for i in n]
    out["mean_experience"] = [mean(last["experience"][j] for j in peers[i]) for i in n]
    beta = -math.log2(P["learning.progress_ratio"])
    out["learning"] = [(last["experience"][i] / out["mean_experience"][i]) ** -beta for i in n]
    out["unit_cost"] = [
        (start["list_price"][i] * out["input_index"] * (out["rung"][i] - out["discount"][i]) + start["other_cost"][i])
        * out["learning"][i] for i in n
    ]
    out["rounds"] = market_prices(start["worth"], start["size"], out["unit_cost"], last["price"])
    out["price"] = out["rounds"][-1]["price"]
    out["met"] = demand(start["worth"], start["size"], out["price"])
    out["target"] = out["met"]["demand"]
    logs = [math.log(1 + v) for v in out["met"]["inclusive"]]
    out["consumer_surplus"] = math.fsum(m * x for m, x in zip(start["size"], logs, strict=True)) / ALPHA


def operations(out, n, start, last):
    """F22, F2: orders, churn, leads, what is delivered, and experience."""
    out["sales"] = [last["sales"][i] + P["customers.adjustment"] * (out["target"][i] - last["sales"][i]) for i in n]
    out["churn"] = [P["customers.churn"] + P["customers.churn_undelivered"] * (1 - last["on_time"][i]) for i in n]
    out["leads"] = [max(0.0, out["sales"][i] - last["sales"][i] + out["churn"][i] * last["sales"][i]) for i in n]
    out["output"] = [min(out["sales"][i], start["capacity"][i]) for i in n]
    out["on_time"] = [out["output"][i] / out["sales"][i] for i in n]
    out["experience"] = [last["experience"][i] + out["output"][i] / start["experience_unit"][i] for i in n]


def collaboration(out, n, start):
    """F1: what members save on their own invoices, and the fee on what they still pay."""
    out["at_list"] = [start["list_price"][i] * out["input_index"] * out["learning"][i] * out["output"][i] for i in n]
    out["inputs"] = [out["at_list"][i] * (out["rung"][i] - out["discount"][i]) for i in n]
    out["saving"] = {i: out["at_list"][i] * out["discount"][i] for i in MEMBERS}
    out["fee"] = {i: P["purchasing.fee"] * out["inputs"][i] for i in MEMBERS}


def accounting(out, n, start, pool, last):
    """F19, F14, F25: equal split, governance, EBITDA, cash, pay-out and economic profit."""
    out["revenue"] = [out["price"][i] * out["output"][i] for i in n]
    out["total_saving"] = math.fsum(out["saving"].values())
    out["part"] = out["total_saving"] / len(MEMBERS)
    out["split"] = {i: out["part"] - out["saving"][i] for i in MEMBERS}
    out["governance"] = {i: governance_cost(last["mean_trust"], out["revenue"][i]) for i in MEMBERS}
    out["alliance_flow"] = [out["split"][i] - out["fee"][i] - out["governance"][i] if i in MEMBERS else 0.0 for i in n]
    out["production"] = [out["output"][i] * out["learning"][i] * start["other_cost"][i] for i in n]
    out["marketing"] = [out["leads"][i] * start["lead_cost"][i] for i in n]
    out["ebitda"] = [out["revenue"][i] - out["inputs"][i] - out["production"][i] - start["fixed_cost"][i]
                     - out["marketing"][i] + out["alliance_flow"][i] for i in n]
    before = [last["cash"][i] + out["ebitda"][i] for i in n]
    kept = [P["demography.payout_months"] * start["month_cost"][i] for i in n]
    out["payout"] = [P["demography.payout_share"] * max(0.0, before[i] - kept[i]) for i in n]
    out["cash_before"], out["cash"] = before, [before[i] - out["payout"][i] for i in n]
    capital = P["demography.capital_charge"] * P["demography.capital_months"]
    out["charge"] = [capital * start["month_cost"][i] for i in n]
    out["economic_profit"] = [last["economic_profit"][i] + out["ebitda"][i] - out["charge"][i] for i in n]
    out["net_gain"] = {i: out["saving"][i] + out["alliance_flow"][i] for i in MEMBERS}
    out["net_gains"] = {i: [*last["net_gains"][i], out["net_gain"][i]] for i in MEMBERS}
    out["gain"] = {i: mean(out["net_gains"][i]) for i in MEMBERS}
    out["spent"] = last["spent"] + math.fsum(out["governance"].values())


def assessment(out, n, firms, start, pool, last):
    """F20, F5: the KPI against its baseline (too few unallied firms for a control group), belief, trust."""
    out["gross"] = [(out["price"][i] - out["unit_cost"][i]) * out["target"][i] for i in n]
    out["margin"] = [out["gross"][i] + (out["split"][i] - out["fee"][i] if i in MEMBERS else 0.0) for i in n]
    out["bare_margin"] = [
        out["gross"][i] * math.exp(-start["list_price"][i] * out["input_index"] * out["learning"][i]
                                   * out["discount"][i] * out["target"][i] / out["gross"][i]) for i in n
    ]
    out["relative_gain"] = {i: out["margin"][i] / pool["baseline"][i] - 1 for i in MEMBERS}
    out["signal"] = mean(out["relative_gain"].values())
    out["signals"] = [*last["signals"], out["signal"]]
    prior = P["pilot.prior_sd"] ** 2
    out["error"] = P["pilot.persistent"] ** 2 + P["pilot.noise"] ** 2 / len(out["signals"])
    out["weight"] = prior / (prior + out["error"])
    out["belief"] = P["pilot.prior_mean"] + out["weight"] * (mean(out["signals"]) - P["pilot.prior_mean"])
    out["belief_sd"] = math.sqrt(out["weight"] * out["error"])
    out["outcome"] = P["trust.disappointing"] if out["signal"] < P["pilot.threshold"] else 1.0
    kept, o = P["trust.memory"], out["outcome"]
    seen = {(i, j): i in MEMBERS and j in MEMBERS for i, j in last["good"]}
    out["good"] = {pair: kept * g + P["trust.good"] * o * seen[pair] for pair, g in last["good"].items()}
    out["bad"] = {pair: kept * b + P["trust.bad"] * (1 - o) * seen[pair] for pair, b in last["bad"].items()}
    out["trust"] = trust_table(firms["trust"], out["good"], out["bad"])
    out["mean_trust"] = mean_trust(out["trust"])
    out["overlap"] = overlap(start["size"], out["met"]["share"], out["price"])


def gate(out, pool, last):
    """F20: in the month that is due, go, stop, or extend once."""
    out["stage"], out["gate_month"], out["verdict"] = "pilot", last["gate_month"], None
    if out["month"] < last["gate_month"]:
        return
    out["distance"] = (out["belief"] - P["pilot.threshold"]) / out["belief_sd"]
    out["chance"] = 0.5 * math.erfc(-out["distance"] / math.sqrt(2))
    if out["chance"] > P["pilot.go"]:
        out["verdict"], out["stage"] = "go", "running"
    elif out["chance"] < P["pilot.stop"] or out["spent"] > pool["budget"]:
        out["verdict"], out["stage"] = "stop", "ended"
    else:
        out["verdict"], out["gate_month"] = "extend", out["month"] + P["pilot.months"]


# ---- The books


def bookings(names, start, pool, months):
    """Return every flow of money: (month, who receives, who gives, purpose) to k€."""
    flows = {(0, "setup services", names[i], "set-up"): pool["setup"] for i in MEMBERS}
    for out in months:
        for i, firm in enumerate(names):
            paid = {
                ("suppliers", "inputs"): out["inputs"][i], ("production", "production"): out["production"][i],
                ("overheads", "fixed cost"): start["fixed_cost"][i], ("marketing", "marketing"): out["marketing"][i],
                ("owners", "payout"): out["payout"][i], ("purchasing agents", "pool fee"): out["fee"].get(i, 0.0),
                ("governance services", "governance"): out["governance"].get(i, 0.0),
                ("alliance 0", "split of savings"): -out["split"].get(i, 0.0),
            }
            flows[out["month"], firm, "customers", "sales"] = out["revenue"][i]
            for (account, purpose), amount in paid.items():
                if amount > 0:
                    flows[out["month"], account, firm, purpose] = amount
                elif amount < 0:
                    flows[out["month"], firm, account, purpose] = -amount
    return flows


def key_figures(firms, out):
    """Return the monthly row of key figures: means over the four firms."""
    n = len(firms["firm"])
    trusts = list(out["trust"].values())
    centre = mean(trusts)
    return {
        "economic_profit": mean(out["economic_profit"]), "survival": 1.0, "ebitda": mean(out["ebitda"]),
        "revenue": mean(out["revenue"]), "price": mean(out["price"]), "unit_cost": mean(out["unit_cost"]),
        "saving": math.fsum(out["saving"].values()) / n, "governance_cost": math.fsum(out["governance"].values()) / n,
        "allied": len(MEMBERS) / n, "on_time_delivery": math.fsum(out["output"]) / math.fsum(out["sales"]),
        "leads": mean(out["leads"]), "churn": mean(out["churn"]), "trust_mean": centre, "trust_least": min(trusts),
        "trust_spread": math.sqrt(mean((x - centre) ** 2 for x in trusts)), "breaches": 0.0, "breach_cost": 0.0,
        "consumer_surplus": out["consumer_surplus"],
    }


def recompute(path):
    """Return every number of the two months as one nested dict."""
    firms = read(path)
    start = month_zero(firms)
    pool = founding(firms, start)
    last = before = month_before(firms, start, pool)
    months = []
    for number in range(1, MONTHS + 1):
        last = month(number, firms, start, pool, last)
        months.append(last)
    return {"firms": firms, "start": start, "pool": pool, "before": before, "months": months,
            "ledger": bookings(firms["firm"], start, pool, months),
            "key_figures": [key_figures(firms, out) for out in months]}
