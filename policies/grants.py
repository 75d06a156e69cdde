"""What the platform and a profile grant, and the lines they become before casbin is given them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from policies import strict_yaml
from policies.problems import ProfileError
from policies.reach import Reach
from policies.vocabulary import Category, Term

ANYONE = "anyone"
AUTHORITY = "authority"
MOST_LEVELS = 8  # casbin stops inheriting, silently, after ten


class Act(StrEnum):
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    END = "end"
    DELEGATE = "delegate"
    SUBMIT = "submit"
    FILE = "file"
    SEND = "send"
    PROPOSE = "propose"
    CONSULT = "consult"
    REVIEW = "review"
    APPROVE = "approve"
    SIGN = "sign"
    DECIDE = "decide"
    FORM = "form"
    CARRY_OUT = "carry_out"
    PUBLISH = "publish"
    EXPORT = "export"
    ACT_FOR = "act_for"


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


class Layer(StrEnum):
    PLATFORM = "platform"
    PROFILE = "profile"


class AccessError(ProfileError):
    """The rows cannot be used: all problems at once."""


class GrantRow(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def permission(self) -> str: ...
    @property
    def reach(self) -> str: ...
    @property
    def effect(self) -> str: ...


class AuthorityRow(Protocol):
    @property
    def organ(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def reach(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What a role may do, or with effect deny may not; a denial is stronger than every allowance."""

    role: str
    permission: str
    reach: str
    effect: str = Effect.ALLOW


@dataclass(frozen=True, slots=True)
class Authority:
    organ: str
    role: str
    reach: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of casbin's table, in the order of model.conf."""

    role: str
    noun: str
    act: str
    reach: str
    layer: str
    effect: str

    @property
    def permission(self) -> str:
        return f"{self.noun}.{self.act}"


@dataclass(frozen=True, slots=True)
class Line:
    """A row before it is checked, and where it was written."""

    path: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Platform:
    offices: Mapping[str, frozenset[str]]
    classes: Mapping[str, str]
    grants: tuple[Grant, ...]
    authorities: tuple[Authority, ...]
    ceiling: Mapping[tuple[str, str], tuple[Reach, ...]] = field(repr=False)

    def bounds(self, role: str, noun: str, act: str) -> tuple[Reach, ...]:
        """The widest reaches a profile may grant the role; none where that is not for profiles."""
        permission = f"{AUTHORITY}.{act}" if noun.startswith(f"{AUTHORITY}:") else f"{noun}.{act}"
        return self.ceiling.get((permission, self.classes.get(role, "area")), ())


@cache
def platform() -> Platform:
    return read_platform(Path(__file__).with_name("platform.yaml").read_text(encoding="utf-8"))


def read_platform(text: str) -> Platform:
    said = strict_yaml.load(text)
    return Platform(
        offices={office: frozenset(kinds) for office, kinds in said["offices"].items()},
        classes={role: name for name, roles in said["classes"].items() for role in roles},
        grants=(*_grants(said["denials"], Effect.DENY), *_grants(said["grants"], Effect.ALLOW)),
        authorities=tuple(Authority(**row) for row in said["authorities"]),
        ceiling=dict(_ceiling(said["ceiling"], said["ceiling_of_authorities"])),
    )


def authority(organ: str) -> str:
    """The permission to act for an organ."""
    return f"{AUTHORITY}:{organ}.{Act.ACT_FOR}"


def links_of(terms: Iterable[Term]) -> tuple[tuple[str, str], ...]:
    """Each narrower role with the wider word that includes it: what the wider word may, it may."""
    roles = {term.id: term for term in terms if term.category == Category.ROLE}
    return tuple((role, wider.id) for wider in roles.values() for role in wider.includes if role in roles)


def lines_of(
    law: Platform, grants: Iterable[GrantRow], authorities: Iterable[AuthorityRow]
) -> tuple[Line, ...]:
    """The platform's lines and the profile's; a profile's rows for an organ replace the platform's."""
    own = tuple(authorities)
    named = {row.organ for row in own}
    default = [row for row in law.authorities if row.organ not in named]
    said = (
        *_lines("platform.grants", law.grants, Layer.PLATFORM),
        *_lines("platform.authorities", map(_as_grant, default), Layer.PLATFORM),
        *_lines("grants", grants, Layer.PROFILE),
        *_lines("authorities", map(_as_grant, own), Layer.PROFILE),
    )
    return (*_lines("platform.own_case", _nobody_judges_his_own_case(said), Layer.PLATFORM), *said)


def acted_for(authorities: Iterable[AuthorityRow]) -> frozenset[str]:
    """The organs for which somebody may act: the platform's, and those of a profile."""
    return frozenset(row.organ for row in (*platform().authorities, *authorities))


def _nobody_judges_his_own_case(lines: Iterable[Line]) -> Iterator[Grant]:
    nouns = {noun for _, noun, *_ in (line.cells for line in lines) if noun.startswith(f"{AUTHORITY}:")}
    for noun in sorted(nouns):
        yield Grant(ANYONE, f"{noun}.{Act.ACT_FOR}", Reach.OWN, Effect.DENY)


def _lines(path: str, rows: Iterable[GrantRow], layer: Layer) -> Iterator[Line]:
    for i, row in enumerate(rows):
        noun, _, act = row.permission.rpartition(".")
        yield Line(f"{path}.{i}", (row.role, noun, act, str(row.reach), str(layer), str(row.effect)))


def _as_grant(row: AuthorityRow) -> Grant:
    return Grant(row.role, authority(row.organ), row.reach)


def _grants(rows: Iterable[Mapping[str, Any]], effect: Effect) -> Iterator[Grant]:
    for row in rows:
        for permission in row["permissions"]:
            yield Grant(row["role"], permission, row["reach"], effect)


def _ceiling(
    rows: Iterable[Mapping[str, Any]], of_authorities: Mapping[str, list[str]]
) -> Iterator[tuple[tuple[str, str], tuple[Reach, ...]]]:
    acting = {"permissions": [f"{AUTHORITY}.{Act.ACT_FOR}"], **of_authorities}
    for row in (*rows, acting):
        for permission in row["permissions"]:
            for name in row.keys() - {"permissions"}:
                yield (permission, name), tuple(map(Reach, row[name]))
