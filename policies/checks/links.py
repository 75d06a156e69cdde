"""Whether the links between rules, `after` and `excepts`, lead somewhere, end, and are few enough."""

from collections.abc import Iterator, Mapping

from policies.checks.unknown import unknown
from policies.kinds.flow import Flow
from policies.problems import Problem
from policies.profile import Profile

# The documents link two rules, rarely three. Answering follows every chain of links to its end.
MOST_IN_A_CHAIN = 8
MOST_CHAINS = 100
Links = Mapping[str, tuple[str, ...]]


def examine(profile: Profile) -> Iterator[Problem]:
    ids = {rule.id for rule in profile.rules}
    after = {flow.id: (flow.after,) if flow.after else () for flow in profile.of_kind(Flow)}
    for rule in profile.rules:
        for link in (*after.get(rule.id, ()), *rule.excepts):
            if link not in ids:
                yield unknown("no_such_rule", f"rules.{rule.id}", link, ids)
    for links in ({rule.id: rule.excepts for rule in profile.rules}, after):
        if circles := list(_circles(links)):
            yield from circles
        else:
            yield from _too_far(links)


def _circles(links: Links) -> Iterator[Problem]:
    for id in links:
        seen, waiting = set[str](), list(links[id])
        while waiting:
            if (link := waiting.pop()) not in seen:
                seen.add(link)
                waiting.extend(links.get(link, ()))
        if id in seen:
            yield Problem("circular", f"rules.{id}", f"{id} 绕了一圈又指回自己", f"{id} leads back to itself")


def _too_far(links: Links) -> Iterator[Problem]:
    """The chains that end in a rule, counted from those that nothing links to; there are no circles."""
    lengths, chains = dict.fromkeys(links, 1), dict.fromkeys(links, 1)
    for id in _outermost_first(links):
        for link in (link for link in links[id] if link in links):
            lengths[link] = max(lengths[link], lengths[id] + 1)
            chains[link] += chains[id]
        if lengths[id] > MOST_IN_A_CHAIN or chains[id] > MOST_CHAINS:
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
