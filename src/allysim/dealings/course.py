"""The yearly review of a firm's strategy, by the rule `strategy`: what it looks at, and what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allysim.dealings.ecosystem import look_around, views
from allysim.draws import Purpose, stream, uniform
from allysim.jit import kernel
from allysim.mechanisms.restructuring import is_due
from allysim.rules.strategy import Courses

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def choose_course(model: AllianceModel) -> None:
    """Let the firms whose review is due see how they and others did, and go on with a strategy they choose.

    With the rule `levers`, where nobody ever changes, nothing is looked at. Contracts signed stay as signed.
    """
    if model.config.rules.strategy == "levers":
        return
    firms, ties, alike = model.state.firms, model.state.ties, model.same_strategy
    due = np.empty(len(firms.key), dtype=np.int32)
    k = take_result(stream(model.luck, Purpose.REVIEW, 0), model.month, model.config.restructuring.review, firms.key,
                    firms.founded, firms.month_cost, firms.economic_profit, firms.reviewed, firms.profit_then,
                    firms.result, firms.result_before, due)
    if not k:
        return
    due = due[:k]
    view, anybody = views(model, due), np.ones(len(firms.key), np.bool_)
    seen = np.empty((k, view.max()), dtype=np.int32)
    look_around(model.stream(Purpose.PEERS), due, view, anybody, firms.key, firms.ties, ties.to, ties.next, seen,
                np.empty((k, 1), dtype=np.int32), *np.empty((2, k), dtype=np.int64), np.empty((2, k)))
    own, best = np.empty((2, k), dtype=np.int32)
    result, before, norm, best_result, luck = np.empty((5, k))
    compare(model.stream(Purpose.COURSE), due, seen, alike, firms.key, firms.strategy, firms.reviewed, firms.result,
            firms.result_before, own, result, before, norm, best, best_result, luck)
    chosen = model.ask("strategy", Courses(own, result, before, norm, best, best_result, luck, alike.size))
    changed = alike[chosen] != own
    slots, to = due[changed], chosen[changed]
    firms.strategy[slots] = to
    model.events.add("strategy changed", firm=firms.key[slots], amount=result[changed],
                     cause=[model.config.strategies[s].name for s in to.tolist()])


@kernel
def take_result(luck, month, every, key, founded, month_cost, profit, reviewed, then, result, before, due):
    """Note the result of each firm whose review is due, and fill these firms; returns how many they are.

    A result is economic profit a month since the last review, over fixed cost, 0 without any. A firm founded less
    than a review ago has none yet.
    """
    k = 0
    for i in range(key.size):
        if not is_due(month, uniform(luck, key[i], 0), every) or month - founded[i] < every:
            continue
        since = reviewed[i] if reviewed[i] > 0 else founded[i]
        earned = (profit[i] - then[i]) / (month - since) / month_cost[i] if month_cost[i] > 0.0 else 0.0
        before[i] = result[i] if reviewed[i] > 0 else earned
        result[i], then[i], reviewed[i] = earned, profit[i], month
        due[k] = i
        k += 1
    return k


@kernel
def compare(luck, due, seen, alike, key, strategy, reviewed, results, results_before, own, result, before, norm, best,
            best_result, lucks):
    """Fill what each firm whose review is due knows of itself and of the firms it sees (`Courses`)."""
    for k in range(due.size):
        i = due[k]
        own[k] = best[k] = alike[strategy[i]]
        result[k] = best_result[k] = results[i]
        total, count, top = 0.0, 0, -np.inf
        for j in seen[k]:
            if j >= 0 and reviewed[j] > 0:
                total += results[j]
                count += 1
                if results[j] > top:
                    top, best[k], best_result[k] = results[j], alike[strategy[j]], results[j]
        norm[k] = total / count if count > 0 else results[i]
        before[k] = results_before[i]
        lucks[k] = uniform(luck, key[i], 0)
