"""Who may: one immutable casbin enforcer per profile version, and the table compiled from it.

casbin decides (`explain`, and whoever signs asks it); the table answers the same faster (`can`) and for
many rows at once (`reach`). Tests hold the three equal. Nothing is allowed that no row allows.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Protocol
from uuid import UUID

from policies.enforcer import Cell, closure_of, enforcer_of, rows_of, table_of
from policies.grant_checks import Links, problems, reserved, without_authority
from policies.grants import (
    ANYONE,
    AccessError,
    Act,
    Authority,
    AuthorityRow,
    Effect,
    Grant,
    GrantRow,
    Layer,
    Line,
    Platform,
    Row,
    authority,
    lines_of,
    links_of,
    platform,
)
from policies.problems import Problem
from policies.reach import (
    Field,
    Post,
    PostRef,
    Reach,
    Rows,
    Target,
    Term,
    Viewer,
    covers,
    is_within,
    terms,
    without_repeats,
)
from policies.remembered import OfViewer
from policies.vocabulary import Category, vocabulary
from policies.vocabulary import Term as Word

__all__ = [
    "Access",
    "AccessError",
    "Act",
    "Authority",
    "Code",
    "Effect",
    "Field",
    "Grant",
    "Layer",
    "Post",
    "PostRef",
    "Problem",
    "Reach",
    "Row",
    "Rows",
    "Target",
    "Term",
    "Verdict",
    "Viewer",
    "access_of",
    "authority",
    "compile_access",
]


class Code(StrEnum):
    ALLOW = "ALLOW"
    DENIED_BY_RULE = "DENIED_BY_RULE"
    NO_ACTIVE_POST = "NO_ACTIVE_POST"
    OTHER_PLACE = "OTHER_PLACE"
    ROLE_LACKS_PERMISSION = "ROLE_LACKS_PERMISSION"
    NOT_DELEGATED = "NOT_DELEGATED"
    OUT_OF_REACH = "OUT_OF_REACH"


@dataclass(frozen=True, slots=True)
class Verdict:
    """casbin's answer: by which row and post; `roles` have the permission that the viewer's roles lack."""

    allowed: bool
    code: Code
    row: Row | None = None
    post_id: UUID | None = None
    roles: tuple[str, ...] = ()


class Access:
    """The law of access under one profile version. Never changes: another version is another Access."""

    __slots__ = ("_closure", "_digest", "_enforcer", "_ever", "_offices", "_reaches", "_table")

    def __init__(
        self, digest: str, rows: Iterable[Row], links: Links, offices: Mapping[str, frozenset[str]]
    ) -> None:
        self._digest = digest
        self._offices = offices
        self._enforcer = enforcer_of(rows, links, holds=self._holds)
        self._closure = closure_of(self._enforcer, {role for link in links for role in link})
        self._table = table_of(rows_of(self._enforcer), self._closure)
        self._ever, self._reaches = OfViewer[bool](), OfViewer[Rows]()

    @property
    def digest(self) -> str:
        return self._digest

    def can(self, viewer: Viewer, target: Target, permission: str) -> bool:
        allowed = False
        for post, cell in self._cells(viewer, permission):
            if any(covers(reach, viewer, post, target, denied=True) for reach in cell.deny):
                return False
            if not allowed and post.carries(permission):
                allowed = any(covers(reach, viewer, post, target) for reach in cell.allow)
        return allowed

    def may_ever(self, viewer: Viewer, permission: str) -> bool:
        """Whether there may be any row at all: for menus and for the gate on a field. What is denied in the
        whole place may still be allowed in the places below."""
        return self._ever.of(viewer, permission, lambda: self._may_ever(viewer, permission))

    def _may_ever(self, viewer: Viewer, permission: str) -> bool:
        held = tuple(self._cells(viewer, permission))
        denied = {reach for _, cell in held for reach in cell.deny}
        allowed = {reach for post, cell in held if post.carries(permission) for reach in cell.allow}
        if Reach.ANY in denied:
            return False
        return Reach.ANY in allowed if Reach.TENANT in denied else bool(allowed)

    def reach(self, viewer: Viewer, permission: str) -> Rows:
        """The rows for which `can` says yes."""
        return self._reaches.of(viewer, permission, lambda: self._reach(viewer, permission))

    def _reach(self, viewer: Viewer, permission: str) -> Rows:
        allow: list[Term] = []
        deny: list[Term] = []
        for post, cell in self._cells(viewer, permission):
            deny += (t for reach in cell.deny for t in terms(reach, viewer, post, denied=True))
            if post.carries(permission):
                allow += (t for reach in cell.allow for t in terms(reach, viewer, post))
        return Rows(without_repeats(allow), without_repeats(deny)) if allow else Rows()

    def explain(self, viewer: Viewer, target: Target, permission: str) -> Verdict:
        """casbin's own answer with the row that gave it, or why no row did."""
        noun, _, act = permission.rpartition(".")
        allowed, cells = self._enforcer.enforce_ex(viewer, target, noun, act)
        if not cells:
            return self._refusal(viewer, target, permission)
        row = Row(*cells)
        post = next(p for p in self._posts(viewer) if self._post_holds(p, viewer, target, row))
        return Verdict(allowed, Code.ALLOW if allowed else Code.DENIED_BY_RULE, row, post.id)

    def who_can(self, permission: str) -> tuple[tuple[str, Reach], ...]:
        """The roles that have the permission and how far: where to look for the posts that may act."""
        cells = self._table.get(permission, {})
        return tuple((role, reach) for role in sorted(cells) for reach in cells[role].allow)

    def organs_of(self, viewer: Viewer) -> list[str]:
        """The organs for which the viewer may act for somebody: what his work queue is made of."""
        prefix, suffix = authority("").split(".")[0], ".act_for"
        held = (p for p in self.permissions(viewer) if p.startswith(prefix) and p.endswith(suffix))
        return [permission.removeprefix(prefix).removesuffix(suffix) for permission in held]

    def may_appoint(self, viewer: Viewer, target: Target, permission: str, role: str) -> bool:
        """Whether the viewer, who may open or end a post there, may do so in this role. Nobody gives or takes
        what reaches further than he himself appoints, and no office of the platform."""
        if role in self._offices or not self.can(viewer, target, permission):
            return False
        given = self._given_by(role)
        return any(
            covers(how_far, viewer, post, target) and all(is_within(reach, how_far) for reach in given)
            for post, cell in self._cells(viewer, permission)
            if post.carries(permission)
            for how_far in cell.allow
        )

    def may_be_lent(self, role: str, permission: str) -> bool:
        """Whether somebody who stands in for the role may be given this permission: one that reaches beyond
        what is one's own, of no office, and none to open, end or lend a post."""
        noun, _, act = permission.rpartition(".")
        cell = self._table.get(permission, {}).get(role)
        if cell is None or role in self._offices or (noun == "post" and act != Act.READ):
            return False
        return not set(cell.allow) <= {Reach.OWN}

    def _given_by(self, role: str) -> frozenset[Reach]:
        """How far the role reaches in what not everybody may anyway."""
        reaches = set[Reach]()
        for cells in self._table.values():
            if role in cells:
                anyway = cells[ANYONE].allow if ANYONE in cells else ()
                reaches |= set(cells[role].allow) - set(anyway)
        return frozenset(reaches)

    def permissions(self, viewer: Viewer) -> list[str]:
        return sorted(permission for permission in self._table if self.may_ever(viewer, permission))

    def _refusal(self, viewer: Viewer, target: Target, permission: str) -> Verdict:
        posts = self._posts(viewer)
        roles = tuple(dict(self.who_can(permission)))
        having = [post for post in posts if post.role in roles]
        if not posts:
            return Verdict(False, Code.NO_ACTIVE_POST)
        if target.place_id != viewer.place_id:
            return Verdict(False, Code.OTHER_PLACE)
        if not having:
            return Verdict(False, Code.ROLE_LACKS_PERMISSION, roles=roles)
        if not any(post.carries(permission) for post in having):
            return Verdict(False, Code.NOT_DELEGATED)
        return Verdict(False, Code.OUT_OF_REACH)

    def _posts(self, viewer: Viewer) -> tuple[Post, ...]:
        """The standing posts; an office of the platform counts only in a place of its kinds."""
        return tuple(
            post
            for post in viewer.standing_posts()
            if post.role not in self._offices or viewer.place_kind in self._offices[post.role]
        )

    def _cells(self, viewer: Viewer, permission: str) -> Iterator[tuple[Post, Cell]]:
        if cells := self._table.get(permission):
            for post in self._posts(viewer):
                if cell := cells.get(post.role):
                    yield post, cell

    def _holds(
        self, viewer: Viewer, target: Target, noun: str, act: str, role: str, reach: str, effect: str
    ) -> bool:
        """The matcher's function: whether the row speaks about the target through some post."""
        row = Row(role, noun, act, reach, "", effect)
        return any(self._post_holds(post, viewer, target, row) for post in self._posts(viewer))

    def _post_holds(self, post: Post, viewer: Viewer, target: Target, row: Row) -> bool:
        denied = row.effect == Effect.DENY
        return (
            row.role in self._closure.get(post.role, ())
            and (denied or post.carries(row.permission))
            and covers(Reach(row.reach), viewer, post, target, denied=denied)
        )


def compile_access(
    digest: str,
    grants: Iterable[GrantRow],
    authorities: Iterable[AuthorityRow],
    *,
    terms: Iterable[Word] = (),
    organs: Iterable[str] = (),
) -> Access:
    """The platform's law with a profile's rows under it.

    `terms` are the profile's own words, `organs` those that its flows name. A post of a role that no word
    names gives nothing, not even what anyone may. Raises AccessError with every problem.
    """
    law, own = platform(), tuple(terms)
    lines = lines_of(law, grants, authorities)
    roles = vocabulary().with_own(own, {}).terms(Category.ROLE)
    found = [*reserved((term.id for term in own), law), *without_authority(organs, lines)]
    return compile_lines(digest, lines, links_of(roles), law, [role.id for role in roles], found)


def compile_lines(
    digest: str,
    lines: Sequence[Line],
    links: Links,
    law: Platform,
    roles: Iterable[str] = (),
    found: Iterable[Problem] = (),
) -> Access:
    if wrong := [*found, *problems(lines, links, law)]:
        raise AccessError(wrong)
    rows = [Row(*line.cells) for line in lines]
    linked = {role for link in links for role in link}
    known = {*roles, *law.offices, *linked, *(row.role for row in rows)}
    everyone = ((role, ANYONE) for role in sorted(known - {ANYONE}))
    return Access(digest, rows, (*links, *everyone), law.offices)


class Granting(Protocol):
    """What access reads of a profile."""

    @property
    def digest(self) -> str: ...
    @property
    def grants(self) -> Iterable[GrantRow]: ...
    @property
    def authorities(self) -> Iterable[AuthorityRow]: ...
    @property
    def terms(self) -> Iterable[Word]: ...


_MOST_KEPT = 256
_kept: OrderedDict[str, Access] = OrderedDict()
_keeping = Lock()


def access_of(profile: Granting) -> Access:
    """The access of a profile version, compiled once in a process and shared by its places."""
    with _keeping:
        if profile.digest not in _kept:
            _kept[profile.digest] = _compiled(profile)
        _kept.move_to_end(profile.digest)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
        return _kept[profile.digest]


def _compiled(profile: Granting) -> Access:
    return compile_access(profile.digest, profile.grants, profile.authorities, terms=profile.terms)
