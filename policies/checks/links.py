"""Whether the links between rules lead to rules of the right kind, end, and are few enough to be followed.

`excepts`, `after` and `escalates` link rules by name; a metric links those of which it is made.
"""

import math
from collections.abc import Iterator, Mapping

from policies.checks.unknown import unknown
from policies.kinds.consequence import Consequence
from policies.kinds.flow import Flow
from policies.kinds.rule import Rule
from policies.problems import Problem
from policies.profile import Profile

# The documents link two rules, rarely three. Answering follows every chain of links to its end.
MOST_IN_A_CHAIN = 8
MOST_CHAINS = 100
Links = Mapping[str, tuple[str, ...]]


# What a link may lead to.
_KINDS: Mapping[str, tuple[type[Rule], str, str]] = {
    "after": (Flow, "流程", "flow"),
    "escalates": (Consequence, "后果", "consequence"),
}


def examine(profile: Profile) -> Iterator[Problem]:
    after = {rule.id: _one(rule.after) for rule in profile.of_kind(Flow)}
    escalates = {rule.id: _one(rule.escalates) for rule in profile.of_kind(Consequence)}
    excepts = {rule.id: rule.excepts for rule in profile.rules}
    yield from _leading_nowhere(profile, (after, escalates, excepts))
    yield from _over_nothing(profile)
    yield from _leading_astray(profile, {"after": after, "escalates": escalates})
    for links in (after, escalates):
        yield from _endless(links, MOST_CHAINS)
    # Any number of rules may weigh one metric.
    yield from list(_endless(excepts, MOST_CHAINS)) or _endless(_weighing(profile), math.inf)


def _one(link: str | None) -> tuple[str, ...]:
    return (link,) if link else ()


def _leading_nowhere(profile: Profile, links: tuple[Links, ...]) -> Iterator[Problem]:
    """A rule that a child's has replaced may still be named by its parent's others."""
    ids = {name for rule in profile.rules for name in (rule.id, rule.over) if name}
    for rule in profile.rules:
        for link in (link for one in links for link in one.get(rule.id, ()) if link not in ids):
            yield unknown("no_such_rule", f"rules.{rule.id}", link, ids)


def _over_nothing(profile: Profile) -> Iterator[Problem]:
    """What a child's rule is over is looked for where the two are joined."""
    for rule in profile.rules if profile.parent is None else ():
        if rule.over:
            zh, en = (
                f"没有写明上级文件，{rule.over} 无从取代",
                f"without a parent nothing is called {rule.over}",
            )
            yield Problem(
                "no_such_rule", f"rules.{rule.id}.over", zh, en, "写 parent 的 id 和 version，或去掉 over"
            )


def _leading_astray(profile: Profile, links: Mapping[str, Links]) -> Iterator[Problem]:
    rules = {rule.id: rule for rule in profile.rules}
    for name, (kind, zh, en) in _KINDS.items():
        for id, (link,) in ((id, listed) for id, listed in links[name].items() if listed):
            if link in rules and not isinstance(rules[link], kind):
                path, said = f"rules.{id}.{name}", f"{name} leads to {link}, which is no {en}"
                yield Problem("link_misfits", path, f"{name} 指的 {link} 不是{zh}", said)


def _weighing(profile: Profile) -> Links:
    """What must be weighed before a rule is: the rules that except it, the metrics that it names."""
    return {
        rule.id: (
            *(one.id for one in profile.excepting(rule)),
            *(profile.derived[name].id for name in sorted(rule.facts()) if name in profile.derived),
        )
        for rule in profile.rules
    }


def _endless(links: Links, most_chains: float) -> Iterator[Problem]:
    if circles := list(_circles(links)):
        yield from circles
    else:
        yield from _too_far(links, most_chains)


def _circles(links: Links) -> Iterator[Problem]:
    for id in links:
        seen, waiting = set[str](), list(links[id])
        while waiting:
            if (link := waiting.pop()) not in seen:
                seen.add(link)
                waiting.extend(links.get(link, ()))
        if id in seen:
            yield Problem("circular", f"rules.{id}", f"{id} 绕了一圈又指回自己", f"{id} leads back to itself")


def _too_far(links: Links, most_chains: float) -> Iterator[Problem]:
    """The chains that end in a rule, counted from those that nothing links to; there are no circles."""
    lengths, chains = dict.fromkeys(links, 1), dict.fromkeys(links, 1)
    for id in _outermost_first(links):
        for link in (link for link in links[id] if link in links):
            lengths[link] = max(lengths[link], lengths[id] + 1)
            chains[link] += chains[id]
        if lengths[id] > MOST_IN_A_CHAIN or chains[id] > most_chains:
            yield Problem(
                "linked_too_far",
                f"rules.{id}",
                f"指向 {id} 的规则太多，或一环套一环太长",
                f"too many rules lead to {id}, or too long a chain of them",
                f"一条链最多 {MOST_IN_A_CHAIN} 条规则，一共最多 {MOST_CHAINS} 条链",
            )
            return


def _outermost_first(links: Links) -> Iterator[str]:
    waited_for = dict.fromkeys(links, 0)
    for link in (link for listed in links.values() for link in listed if link in links):
        waited_for[link] += 1
    ready = [id for id, count in waited_for.items() if count == 0]
    while ready:
        yield (id := ready.pop())
        for link in (link for link in links[id] if link in links):
            waited_for[link] -= 1
            if waited_for[link] == 0:
                ready.append(link)
