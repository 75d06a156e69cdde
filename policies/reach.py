"""Who asks, about which row, and how far a role reaches: an answer for one row, terms for many.

Ids are UUIDs and are checked when a value is made: a text compared with a UUID is never equal, so a
denial (nobody approves for himself) would silently never match.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from policies import jurisdiction

subtree = lru_cache(maxsize=65_536)(jurisdiction.subtree)


class Reach(StrEnum):
    OWN = "own"
    ASSIGNED = "assigned"
    UNIT = "unit"
    NODE = "node"
    SUBTREE = "subtree"
    TENANT = "tenant"
    ANY = "any"


_WIDER = {
    Reach.OWN: frozenset(Reach) - {Reach.OWN},
    Reach.ASSIGNED: frozenset({Reach.SUBTREE, Reach.TENANT, Reach.ANY}),
    Reach.NODE: frozenset({Reach.SUBTREE, Reach.TENANT, Reach.ANY}),
    Reach.SUBTREE: frozenset({Reach.TENANT, Reach.ANY}),
    Reach.UNIT: frozenset({Reach.TENANT, Reach.ANY}),
    Reach.TENANT: frozenset({Reach.ANY}),
    Reach.ANY: frozenset[Reach](),
}


def is_within(reach: Reach, bound: Reach) -> bool:
    """own < assigned, node < subtree < tenant < any; own < unit < tenant; the others do not compare."""
    return reach is bound or bound in _WIDER[reach]


@dataclass(frozen=True, slots=True)
class PostRef:
    """The post an acting post stands in for, and the person who holds it."""

    id: UUID
    person_id: UUID

    def __post_init__(self) -> None:
        _require_uuids(self.id, self.person_id)


@dataclass(frozen=True, slots=True)
class Post:
    """One role of one person in one place, from `begins` until the day before `ends`."""

    id: UUID
    role: str
    place_id: UUID
    code: str
    unit_id: UUID | None
    begins: date
    ends: date | None = None
    acting_for: PostRef | None = None
    only: frozenset[str] | None = None

    def __post_init__(self) -> None:
        _require_uuids(self.id, self.place_id, self.unit_id)

    def is_active(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day < self.ends)

    def carries(self, permission: str) -> bool:
        """An acting post carries the permissions it names and no other; naming none, it carries none."""
        if self.only is None:
            return self.acting_for is None
        return permission in self.only


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person of a session, standing in one place on one day, under one profile version.

    `posts`: those the session acts in. `stands_in_for`: the principals of every acting post that is open,
    in use or not: a denial must not hang on the post somebody chooses to act in."""

    account_id: UUID
    person_id: UUID
    place_id: UUID
    place_code: str
    place_kind: str
    posts: tuple[Post, ...]
    stands_in_for: frozenset[UUID]
    day: date
    digest: str

    def __post_init__(self) -> None:
        _require_uuids(self.account_id, self.person_id, self.place_id, *self.stands_in_for)
        if self.person_id is None:
            raise TypeError("a viewer is a person: None would own every row that nobody owns")

    def standing_posts(self) -> tuple[Post, ...]:
        """The posts that count here and on this day; a post in another place gives nothing here."""
        return tuple(p for p in self.posts if p.place_id == self.place_id and p.is_active(self.day))

    def persons(self, post: Post, *, denied: bool) -> frozenset[UUID]:
        """Who counts as the viewer: himself, and for a denial also everybody he stands in for."""
        if not denied:
            return frozenset({self.person_id})
        principal = {post.acting_for.person_id} if post.acting_for else set()
        return frozenset({self.person_id} | self.stands_in_for | principal)


@dataclass(frozen=True, slots=True)
class Target:
    """What access must know of one row; None where the row has no such thing."""

    place_id: UUID
    code: str | None = None
    unit_id: UUID | None = None
    owner_id: UUID | None = None
    assignee_ids: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        _require_uuids(self.place_id, self.unit_id, self.owner_id, *self.assignee_ids)


def covers(reach: Reach, viewer: Viewer, post: Post, target: Target, *, denied: bool = False) -> bool:
    """Whether this reach, from this standing post, takes in the row."""
    if reach is Reach.ANY:
        return target.place_id == viewer.place_id or _lies_in(viewer.place_code, target.code)
    if target.place_id != viewer.place_id:
        return False
    match reach:
        case Reach.OWN:
            return target.owner_id in viewer.persons(post, denied=denied)
        case Reach.ASSIGNED:
            return not target.assignee_ids.isdisjoint(viewer.persons(post, denied=denied))
        case Reach.UNIT:
            return post.unit_id is not None and target.unit_id == post.unit_id
        case Reach.NODE:
            return bool(post.code) and target.code == post.code
        case Reach.SUBTREE:
            return _lies_in(post.code, target.code)
        case Reach.TENANT:
            return True


def _lies_in(root: str, code: str | None) -> bool:
    if not root or not code:
        return False
    lower, upper = subtree(root)
    return lower <= code < upper


class Field(StrEnum):
    OWNER = "owner"
    ASSIGNEE = "assignee"
    UNIT = "unit"
    CODE = "code"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Term:
    """Rows whose field has the value, or lies in the half-open span of codes (C order).

    `place_id` is a further condition on the row's place; None only for the span of reach *any*.
    A row whose field is NULL is never in a term.
    """

    field: Field
    place_id: UUID | None
    value: UUID | str | None = None
    span: tuple[str, str] | None = None

    def holds(self, target: Target) -> bool:
        if self.place_id is not None and target.place_id != self.place_id:
            return False
        if self.span is not None:
            return target.code is not None and self.span[0] <= target.code < self.span[1]
        return self.value is not None and self.value in _values(self.field, target)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that some `allow` term holds and no `deny` term does; a NULL owner is denied by none."""

    allow: tuple[Term, ...] = ()
    deny: tuple[Term, ...] = ()

    @property
    def are_none(self) -> bool:
        return not self.allow

    def are_all_below(self, place_id: UUID, code: str) -> bool:
        """Whether they leave out none of the rows that the place has below the code."""
        lower, upper = subtree(code)
        return not self.deny and any(
            term.place_id in (None, place_id)
            and (term.field is Field.PLACE or (term.span is not None and _takes_in(term.span, lower, upper)))
            for term in self.allow
        )

    def hold(self, target: Target) -> bool:
        return any(t.holds(target) for t in self.allow) and not any(t.holds(target) for t in self.deny)


def _takes_in(span: tuple[str, str], lower: str, upper: str) -> bool:
    return span[0] <= lower and upper <= span[1]


def terms(reach: Reach, viewer: Viewer, post: Post, *, denied: bool = False) -> tuple[Term, ...]:
    """What `covers` says, as terms: the row is covered where one of them holds."""
    place = viewer.place_id
    persons = sorted(viewer.persons(post, denied=denied))
    match reach:
        case Reach.OWN:
            return tuple(Term(Field.OWNER, place, value=person) for person in persons)
        case Reach.ASSIGNED:
            return tuple(Term(Field.ASSIGNEE, place, value=person) for person in persons)
        case Reach.UNIT:
            return (Term(Field.UNIT, place, value=post.unit_id),) if post.unit_id else ()
        case Reach.NODE:
            return (Term(Field.CODE, place, value=post.code),) if post.code else ()
        case Reach.SUBTREE:
            return _below(place, post.code)
        case Reach.TENANT:
            return (Term(Field.PLACE, place, value=place),)
        case Reach.ANY:
            here = Term(Field.PLACE, place, value=place)
            return (here, *_below(None, viewer.place_code))


def _below(place_id: UUID | None, code: str) -> tuple[Term, ...]:
    return (Term(Field.CODE, place_id, span=subtree(code)),) if code else ()


def without_repeats(found: Iterable[Term]) -> tuple[Term, ...]:
    """Each term once; where the whole place is held, its narrower terms say nothing more."""
    unique = tuple(dict.fromkeys(found))
    whole = {term.place_id for term in unique if term.field is Field.PLACE}
    return tuple(t for t in unique if t.field is Field.PLACE or t.place_id not in whole)


def _values(field: Field, target: Target) -> Iterable[UUID | str | None]:
    match field:
        case Field.OWNER:
            return (target.owner_id,)
        case Field.ASSIGNEE:
            return target.assignee_ids
        case Field.UNIT:
            return (target.unit_id,)
        case Field.CODE:
            return (target.code,)
        case Field.PLACE:
            return (target.place_id,)


def _require_uuids(*ids: object) -> None:
    for value in ids:
        if value is not None and not isinstance(value, UUID):
            raise TypeError(f"an id is a UUID, not {type(value).__name__}: {value!r}")
