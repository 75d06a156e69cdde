"""People and posts: who holds which role, where, from when to when, by which paper.

A role is never an attribute of an account. It comes from posts: open on a day, each with its own scope code
and unit, so that the role of one post never meets the scope of another.
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q

from policies.access import Access
from policies.reach import Field, Target, Viewer
from policies.vocabulary import Category, Vocabulary, vocabulary
from tenants import accounts, divisions, reach, scope
from tenants.conditions import Compared, Condition, Every, Linked, Some
from tenants.pages import Listing, Order
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import PlaceRow, Walls

# What opens a post by itself; a seat or a pairing says so in its stead.
APPOINTMENT, DELEGATION = "appointment", "delegation"


class Person(PlaceRow):
    """A person of this place, or one from outside who holds a post in it. `rank`: a term of the rank
    scale."""

    name = fields.CharField(64)
    account_id = fields.UUIDField(null=True)
    rank = fields.CharField(64, null=True)
    is_demo = fields.BooleanField(default=False)
    version = fields.IntField(default=1)

    class Meta:
        table = "persons"

    walls = Walls(
        unique={"persons_account_once": ("account_id",)}, indexes={"persons_by_name": ("name", "id")}
    )


class Post(PlaceRow):
    """`code`: the division it is held for. `unit_id`: the unit it comes from or heads. `ends_on`: the
    first day that no longer counts. `basis`: the seat or pairing that opened it. `acting_for_id`: the
    post it stands in for, with `limited_to` these permissions, and never longer than that post.
    `justification`, `end_justification`: why it was opened or ended against an 原则上 rule."""

    person_id = fields.UUIDField()
    role = fields.CharField(64)
    code = fields.CharField(12)
    unit_id = fields.UUIDField(null=True)
    begins_on = fields.DateField()
    ends_on = fields.DateField(null=True)
    basis = fields.CharField(64, default=APPOINTMENT)
    source_document = fields.CharField(200, null=True)
    acting_for_id = fields.UUIDField(null=True)
    limited_to: list[str] | None = fields.JSONField(null=True)
    justification = fields.CharField(500, null=True)
    end_justification = fields.CharField(500, null=True)

    class Meta:
        table = "posts"

    walls = Walls(
        several=True,
        links={"person_id": "persons", "unit_id": "units", "acting_for_id": "posts"},
        indexes={"posts_by_role": ("role", "code"), "posts_by_person": ("person_id",)},
        checks={
            "posts_end_after_they_begin": "ends_on IS NULL OR ends_on > begins_on",
            "posts_acting_is_limited": "acting_for_id IS NULL OR limited_to IS NOT NULL",
        },
    )


async def create(
    *, name: str, rank: str | None = None, account_id: UUID | None = None, is_demo: bool = False
) -> Person:
    person = await Person.create(name=name, rank=rank, account_id=account_id, is_demo=is_demo)
    if account_id is not None:
        await accounts.belongs(account_id, scope.writer())
    return person


async def open_post(
    person_id: UUID,
    role: str,
    code: str,
    begins_on: date,
    *,
    words: Vocabulary | None = None,
    **details: Any,
) -> Post:
    """Open a post in a role that the words know, by default the common ones. `details`: unit_id, ends_on,
    basis, source_document, acting_for_id, limited_to, justification.

    It ends with its division at the latest. Who stands in for a post stands where it stands: no other role,
    division or unit. Nobody stands in for himself, nor for somebody who only stands in."""
    if role not in (words or vocabulary()):
        raise invalid(Flaw.UNKNOWN_WORD, "role", word=role, category=Category.ROLE)
    post = Post(person_id=person_id, role=role, code=code, begins_on=begins_on, **details)
    if post.acting_for_id is not None:
        await _require_principal(post)
    await divisions.require_until(code, post.ends_on)
    await post.save(force_create=True)
    return post


async def _require_principal(acting: Post) -> None:
    principal = await Post.get_or_none(id=acting.acting_for_id)
    if principal is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("actingFor",))
    same_seat = _seat(principal) == _seat(acting)
    if principal.acting_for_id or principal.person_id == acting.person_id or not same_seat:
        raise invalid(Flaw.NOT_TO_ACT_FOR, "actingFor")


def _seat(post: Post) -> tuple[str, str, UUID | None]:
    return post.role, post.code, post.unit_id


async def end_post(post_id: UUID, on: date, justification: str | None = None) -> int:
    """End a post: `on` is the first day that no longer counts. Returns how many were ended (0 or 1)."""
    return await Post.filter(id=post_id).update(ends_on=on, end_justification=justification)


async def holds(viewer: Viewer, post_id: UUID) -> bool:
    """Whether the post is one of the viewer's own and open, whichever post the session acts in."""
    return await Post.filter(open_on(viewer.day), id=post_id, person_id=viewer.person_id).exists()


async def has_role(account_id: UUID, role: str, day: date) -> bool:
    """Whether the account's person in the place in force holds an open post in the role."""
    person = await Person.get_or_none(account_id=account_id)
    return person is not None and await Post.filter(open_on(day), person_id=person.id, role=role).exists()


async def in_role(role: str, day: date) -> set[UUID]:
    """The persons of the place in force who hold an open post in the role."""
    return {post.person_id for post in await Post.filter(open_on(day), role=role)}


async def hold_still(viewer: Viewer) -> frozenset[UUID]:
    """Lock the viewer's posts, and those he acts for, against change until the transaction ends, and say
    which of his own are still open.

    A signature and the revocation of the post it rests on are thereby one after the other, never both."""
    principals = {post.acting_for.id for post in viewer.posts if post.acting_for}
    ids = sorted(principals | {post.id for post in viewer.posts})
    rows = await scope.fetch(_HOLD_STILL, scope.writer(), ids, viewer.day)
    still = {row["id"] for row in rows}
    return frozenset(
        p.id for p in viewer.posts if p.id in still and (p.acting_for is None or p.acting_for.id in still)
    )


_HOLD_STILL = """
SELECT id FROM posts
WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND begins_on <= $3 AND (ends_on IS NULL OR ends_on > $3)
ORDER BY id FOR SHARE
"""


def counts_on(day: date) -> Condition:
    """What has begun by the day and not ended: posts, pairings."""
    not_ended = Some((Compared("ends_on", "=", None), Compared("ends_on", ">", day)))
    return Every((Compared("begins_on", "<=", day), not_ended))


def open_on(day: date) -> Q:
    """The posts that count on a day."""
    return counts_on(day).as_filter()


def open_from(day: date) -> Q:
    """The posts that count on a day or will count after it."""
    return Q(ends_on__isnull=True) | Q(ends_on__gt=day)


def is_open(post: Post, day: date) -> bool:
    return post.begins_on <= day and (post.ends_on is None or post.ends_on > day)


async def open_posts(ids: Collection[UUID], day: date) -> dict[UUID, Post]:
    """Those of the posts that count on a day."""
    return {post.id: post for post in await Post.filter(open_on(day), id__in=list(ids))}


async def posts_of_persons(person_ids: Collection[UUID]) -> dict[UUID, list[Post]]:
    """All posts of each person, ended ones among them, by their first day."""
    found: dict[UUID, list[Post]] = {person_id: [] for person_id in person_ids}
    for post in await Post.filter(person_id__in=list(person_ids)).order_by("begins_on", "id"):
        found[post.person_id].append(post)
    return found


def may_read_post(viewer: Viewer, access: Access, post: Post) -> bool:
    return access.can(viewer, Target(viewer.place_id, post.code, post.unit_id, post.person_id), "post.read")


async def by_ids(ids: Collection[UUID]) -> dict[UUID, Person]:
    return {person.id: person for person in await Person.filter(id__in=list(ids))}


BY_BEGINNING = Order(("begins_on", "id"))
BY_NAME = Order(("name", "id"))
OF_PERSON = {Field.OWNER: "id"}
OF_POST = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


def posts_of(person_id: UUID, which: Condition) -> Listing[Post]:
    """Those of the person's posts for which it holds, by their first day."""
    return Listing(Post, Every((Compared("person_id", "=", person_id), which)), BY_BEGINNING)


def listed(viewer: Viewer, access: Access, name: str | None) -> Listing[Person]:
    """The persons whom the viewer may read, by name; with a name, those who have it."""
    wanted = [Compared("name", "=", name)] if name is not None else []
    return Listing(Person, visible(viewer, access), BY_NAME).also(*wanted)


async def visible_among(ids: Collection[UUID], viewer: Viewer, access: Access) -> dict[UUID, Person]:
    """Those of the persons whom the viewer may read: himself, and those who hold a post within his reach
    today."""
    seen = await Person.filter(visible(viewer, access).as_filter(), id__in=list(ids))
    return {person.id: person for person in seen}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The persons whom the viewer may read: himself, and those who hold a post within his reach today."""
    rows = access.reach(viewer, "person.read")
    in_reach = Every((counts_on(viewer.day), reach.condition(rows, OF_POST)))
    return Some((reach.condition(rows, OF_PERSON), Linked(Post, "person_id", in_reach)))


@reach.per_viewer
def posts_visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "post.read"), OF_POST)
