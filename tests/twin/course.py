"""Before restructuring, firms look back on the months since their last review, and may follow another strategy."""

from __future__ import annotations

from typing import Any

from twin.formation import Search
from twin.words import Purpose


def choose_course(model: Any) -> None:
    """Let the firms whose review is due judge what they do by what it gave them and others, and change it."""
    every, rule = model.config.restructuring.review, model.config.rules.strategy
    if rule == "levers":
        return
    draws, search = model.luck.uniforms(Purpose.REVIEW), Search(model, {})
    due = [firm for firm in model.firms
           if (model.month + int(draws[firm.key, 0] * every)) % every == 0 and model.month - firm.founded >= every]
    for firm in due:
        firm.look_back()
    changes = [(firm, _chosen(firm, search, rule)) for firm in due]
    for firm, strategy in changes:  # all judged by what all did before
        if strategy != firm.strategy:
            firm.strategy = strategy
            model.tell("strategy changed", firm.key, cause=strategy.name, amount=firm.results[-1])


def _chosen(firm: Any, search: Search, rule: str) -> Any:
    model, (*earlier, result) = firm.model, firm.results
    view = search.look_around(firm, model.luck.stream(Purpose.PEERS, model.month), model.firms)
    peers = [other for other in view if other.results]
    if rule == "imitate":
        best = max(peers, key=lambda other: other.results[-1], default=firm)
        better = model.above(best.results[-1], result, "peer does better")
        return best.strategy if better else firm.strategy
    norm = sum(other.results[-1] for other in peers) / len(peers) if peers else result
    before = earlier[-1] if earlier else result
    own_past = model.config.course.own_past
    if not model.above(own_past * before + (1.0 - own_past) * norm, result, "aspiration"):
        return firm.strategy
    luck = model.luck.uniforms(Purpose.COURSE, model.month)[firm.key, 0]
    return model.config.strategies[int(luck * len(model.config.strategies))]
