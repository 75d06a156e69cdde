"""Everything wrong with a set of rows, before casbin sees one of them.

casbin takes a row it does not understand in silence, and some of them open the door: an effect spelt
`Deny` denies nothing, a row of the wrong size stops every check, the tenth level of roles is lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policies.grants import (
    ANYONE,
    AUTHORITY,
    MOST_LEVELS,
    Act,
    Effect,
    Layer,
    Line,
    Platform,
    authority,
)
from policies.problems import Problem
from policies.reach import Reach, is_within

Links = Sequence[tuple[str, str]]
_WORD = re.compile("[a-z][a-z0-9_]*")
_NOUN = re.compile(f"(?:{AUTHORITY}:)?[a-z][a-z0-9_]*")
_SIZE = 6
_SAID = {
    "row_size": ("应有{most}列，实有{word}列", "{word} cells where there are {most}"),
    "row_repeated": ("同一行写了{word}次", "the row stands {word} times"),
    "role_malformed": ("角色不是一个词：“{word}”", "the role {word!r} is not one word"),
    "role_reserved": ("{word}是平台职务，不得另授、继承或另立", "{word} is an office of the platform"),
    "role_cycle": ("{word}循环包含自己", "{word} includes itself"),
    "role_depth": ("{word}之上超过{most}层", "more than {most} levels above {word}"),
    "noun_malformed": ("权限对象有误：“{word}”", "{word!r} is not a noun for this act"),
    "act_unknown": ("没有这个动作：“{word}”", "no act is called {word!r}"),
    "reach_unknown": ("没有这个范围：“{word}”", "no reach is called {word!r}"),
    "layer_unknown": ("没有这个层：“{word}”", "no layer is called {word!r}"),
    "effect_unknown": ("只有allow和deny，没有“{word}”", "an effect is allow or deny, not {word!r}"),
    "not_grantable": ("{word}不得由文件授予", "no profile may grant {word}"),
    "not_deniable": ("{word}不得由文件禁止", "no profile may deny {word}"),
    "above_ceiling": ("范围{word}超出{role}的上限", "{word} is above what {role} may have"),
    "organ_without_authority": ("没有人代表{word}", "nobody acts for {word}"),
}


def problems(lines: Sequence[Line], links: Links, law: Platform) -> list[Problem]:
    """All problems at once."""
    return [
        *(problem for line in lines for problem in _of_cells(line)),
        *(problem for line in lines for problem in _over_ceiling(line, links, law)),
        *(problem for line in lines for problem in _locked_in(line, law)),
        *_repeated(lines),
        *_of_links(links, law),
    ]


def reserved(roles: Iterable[str], law: Platform) -> list[Problem]:
    """Roles that a profile declares by the name of an office."""
    return [_problem("role_reserved", f"terms.{role}", role) for role in roles if role in law.offices]


def without_authority(organs: Iterable[str], lines: Iterable[Line]) -> list[Problem]:
    """Organs that the flows name and nobody acts for: a request would wait for ever."""
    held = {".".join(line.cells[1:3]) for line in lines if line.cells[-1] == Effect.ALLOW}
    waiting = sorted(organ for organ in set(organs) if authority(organ) not in held)
    return [_problem("organ_without_authority", f"authorities.{organ}", organ) for organ in waiting]


def _of_cells(line: Line) -> Iterator[Problem]:
    if len(line.cells) != _SIZE:
        yield _problem("row_size", line.path, len(line.cells), most=_SIZE)
        return
    role, noun, act, *rest = line.cells
    if not _WORD.fullmatch(role):
        yield _problem("role_malformed", line.path, role)
    if not _NOUN.fullmatch(noun) or noun.startswith(f"{AUTHORITY}:") != (act == Act.ACT_FOR):
        yield _problem("noun_malformed", line.path, noun)
    for name, words, word in zip(_CLOSED, _CLOSED.values(), (act, *rest), strict=True):
        if word not in words:
            yield _problem(f"{name}_unknown", line.path, word, hint=" ".join(words))


_CLOSED = {
    name: tuple(map(str, words))
    for name, words in {"act": Act, "reach": Reach, "layer": Layer, "effect": Effect}.items()
}


def _over_ceiling(line: Line, links: Links, law: Platform) -> Iterator[Problem]:
    """A word for roles may have what each role that it includes may have."""
    if not _is_granted_by_profile(line):
        return
    role, noun, act, reach, *_ = line.cells
    if role in law.offices:
        yield _problem("role_reserved", line.path, role)
        return
    for included in sorted({role, *_narrower(role, links)}):
        bounds = law.bounds(included, noun, act)
        if not bounds:
            yield _problem("not_grantable", line.path, f"{noun}.{act}")
            return
        if not any(is_within(Reach(reach), bound) for bound in bounds):
            yield _problem("above_ceiling", line.path, reach, hint=" ".join(bounds), role=included)


def _locked_in(line: Line, law: Platform) -> Iterator[Problem]:
    """A profile may deny nearly everything, but not that another takes its place or that it is watched."""
    if len(line.cells) == _SIZE and line.cells[4:] == (Layer.PROFILE, Effect.DENY):
        role, permission = line.cells[0], ".".join(line.cells[1:3])
        if role in law.offices.keys() - {ANYONE}:
            yield _problem("role_reserved", line.path, role)
        if permission in _UNDENIED:
            yield _problem("not_deniable", line.path, permission)


_UNDENIED = ("profile.create", "profile.publish", "profile.read", "audit.read", "job.read", "attachment.read")


def _is_granted_by_profile(line: Line) -> bool:
    if len(line.cells) != _SIZE or line.cells[3] not in _CLOSED["reach"]:
        return False
    *_, layer, effect = line.cells
    return layer != Layer.PLATFORM and effect != Effect.DENY


def _narrower(role: str, links: Links) -> set[str]:
    below = _grouped((wider, narrow) for narrow, wider in links)
    found, waiting = set[str](), [role]
    while waiting:
        new = below.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def _grouped(links: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one, other in links:
        found.setdefault(one, set()).add(other)
    return found


def _repeated(lines: Iterable[Line]) -> Iterator[Problem]:
    paths: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        paths.setdefault(line.cells, []).append(line.path)
    for found in paths.values():
        if len(found) > 1:
            yield _problem("row_repeated", found[-1], len(found), hint=" ".join(found))


def _of_links(links: Links, law: Platform) -> Iterator[Problem]:
    for role, wider in links:
        path = f"terms.{wider}.includes"
        for word in (role, wider):
            if not _WORD.fullmatch(word):
                yield _problem("role_malformed", path, word)
        for office in sorted({role, wider} & law.offices.keys()):
            yield _problem("role_reserved", path, office)
    above = _grouped(links)
    for role in sorted(above):
        yield from _ascent(role, above)


def _ascent(role: str, above: Mapping[str, set[str]]) -> Iterator[Problem]:
    reached, level = {role}, 0
    while reached := set[str]().union(*(above.get(narrow, ()) for narrow in reached)):
        level += 1
        if role in reached:
            yield _problem("role_cycle", f"terms.{role}.includes", role)
            return
        if level > MOST_LEVELS:
            yield _problem("role_depth", f"terms.{role}.includes", role, most=MOST_LEVELS)
            return


def _problem(code: str, path: str, word: object, hint: str = "", **more: object) -> Problem:
    zh, en = (text.format(word=word, **more) for text in _SAID[code])
    return Problem(code, path, zh, en, hint)
