"""The viewer: who is signed in, where, with which posts and rights; everything a menu needs, in one query."""

from datetime import date
from uuid import UUID

import strawberry

from schema.costs import COUNTING, Cost
from schema.fields import SIGNED_IN, Info, read_field, subscription_field
from schema.people import Person, Post
from schema.places import Place
from schema.reads.asked import every
from schema.terms import Term
from tenants import accounts, notices, people, places, requests
from tenants.conditions import one_of


@strawberry.type(description="当前登录者 / Who is signed in.")
class Viewer:
    name: str = strawberry.field(description="The person's name.")
    law_day: date | None = strawberry.field(description="The fixed day of the law, in demo places only.")
    day: date = strawberry.field(description="The day for which the viewer's questions are asked.")
    person_id: strawberry.Private[UUID]

    @strawberry.field(description="会话所在的地方 / The place the session stands in.")
    def place(self, info: Info) -> Place:
        return Place.of(info.context.signed_in.place)

    @strawberry.field(
        description="可用的权限 / Every permission the viewer's posts may use.",
        metadata={"cost": Cost(points=5)},
    )
    def permissions(self, info: Info) -> list[str]:
        return info.context.access.permissions(info.context.viewer)

    @strawberry.field(
        description="在用任职的职务 / The roles of the posts the session acts in.",
        metadata={"cost": Cost(items=2)},
    )
    def roles(self, info: Info) -> list[Term]:
        roles = dict.fromkeys(post.role for post in info.context.viewer.posts)
        return [Term.of(role) for role in roles]

    @strawberry.field(description="本人 / The person.")
    async def person(self, info: Info) -> Person:
        return await Person.load(info, self.person_id)

    @strawberry.field(description="在用的任职 / The posts the session acts in.")
    async def posts(self, info: Info) -> list[Post]:
        in_use = one_of("id", [post.id for post in info.context.viewer.posts])
        found: list[Post] = every(people.posts_of(self.person_id, in_use))
        return found

    @strawberry.field(description="可选的任职 / Every open post the viewer has here, in use or not.")
    async def held_posts(self, info: Info) -> list[Post]:
        found: list[Post] = every(people.posts_of(self.person_id, people.counts_on(self.day)))
        return found

    @strawberry.field(description="可切换的地方 / The places where the viewer's account has a person.")
    async def places(self, info: Info) -> list[Place]:
        ids = await accounts.places_of(info.context.viewer.account_id)
        return [Place.of(row) for row in await places.by_ids(ids)]

    @strawberry.field(
        description="待办件数 / How many requests wait for the viewer; counted when asked for.",
        metadata={"cost": COUNTING},
    )
    async def waiting_count(self, info: Info) -> int:
        return await requests.waiting_count(info.context.viewer, info.context.access)

    @strawberry.field(
        description="未读通知数 / How many notices are unread; counted when asked for.",
        metadata={"cost": COUNTING},
    )
    async def unread_count(self) -> int:
        return await notices.unread(self.person_id)


def viewer_of(info: Info) -> Viewer:
    caller = info.context.signed_in
    return Viewer(
        name=caller.person_name,
        law_day=caller.place.law_day,
        day=caller.viewer.day,
        person_id=caller.viewer.person_id,
    )


@strawberry.type
class ViewerQuery:
    @read_field(permission=SIGNED_IN, description="当前登录者 / Who is signed in.")
    async def viewer(self, info: Info) -> Viewer | None:
        return viewer_of(info)


@strawberry.type(description="待办与未读件数 / How much waits for the viewer; counted when asked for.")
class WorkQueueCounts:
    @strawberry.field(
        description="待办件数 / How many requests wait for the viewer.", metadata={"cost": COUNTING}
    )
    async def waiting_count(self, info: Info) -> int:
        return await requests.waiting_count(info.context.viewer, info.context.access)

    @strawberry.field(description="未读通知数 / How many notices are unread.", metadata={"cost": COUNTING})
    async def unread_count(self, info: Info) -> int:
        return await notices.unread(info.context.viewer.person_id)


@strawberry.type
class ViewerSubscription:
    @subscription_field(
        permission=SIGNED_IN,
        description="待办或未读有变 / How much waits for the viewer: at once, and whenever it has changed.",
    )
    async def work_queue_changed(self, info: Info) -> WorkQueueCounts:
        return WorkQueueCounts()
