"""Onboarding: a province makes a county a place and invites its administrators."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import relay

from policies.jurisdiction import Level
from schema.acting import PlaceBelow, Reason
from schema.fields import ONBOARDING, Info, command
from schema.nodes import row_id
from schema.onboarding_report import OnboardingReport
from schema.places import Place
from schema.texts import LONGEST_KEY, LONGEST_LOGIN, LONGEST_NAME, few, filled, kept, named
from schema.user_errors import Payload
from tenants import accounts, attachments, onboarding
from tenants.accounts import Invited
from tenants.register import Entry, newer_list

# Each is planted by itself, while the command keeps its connection.
MOST_LOCAL = 50
# All townships of the country are about one megabyte.
LONGEST_LIST_BYTES = 3_000_000
# One list at a time, and not in the threads that files wait for.
_beside = ThreadPoolExecutor(1, thread_name_prefix="list")


@strawberry.input(description="县级管理员 / The person who is to administer a county.")
class CountyAdminInput:
    name: str = strawberry.field(description="The person's name, at most 64 characters.")
    login: str = strawberry.field(description="The name to sign in with; nobody else may have it.")

    @property
    def admin(self) -> onboarding.Admin:
        login = filled(self.login.strip().casefold(), "admin.login", LONGEST_LOGIN)
        return onboarding.Admin(
            name=named(self.name, "admin.name"), login=accounts.plain(login, ("admin", "login"))
        )


@strawberry.input(description="名册没有的区划，如农场 / A node that no register lists, such as a state farm.")
class LocalNodeInput:
    name: str = strawberry.field(description="Its name, at most 64 characters.")
    parent: str = strawberry.field(description="The 12-digit code of the node above it.")
    level: Level = strawberry.field(description="Township or village.")

    @property
    def node(self) -> onboarding.LocalNode:
        return onboarding.LocalNode(named(self.name, "localNodes"), self.parent, Level(self.level))


@strawberry.type(
    description="一次性邀请 / A one-time invitation. The token is shown once and stored nowhere."
)
class Invitation:
    token: str = strawberry.field(description="For `invitationAccept`: whoever holds it sets the password.")
    expires_at: datetime = strawberry.field(description="When it ends.")

    @classmethod
    def maybe(cls, invited: Invited | None) -> Self | None:
        return cls(token=invited.token, expires_at=invited.expires_at) if invited is not None else None


@strawberry.type(description="开通的结果 / What onboarding answers with.")
class CountyOnboardPayload(Payload):
    place: Place | None = strawberry.field(default=None, description="The county; null on a dry run.")
    report: OnboardingReport | None = strawberry.field(
        default=None, description="What the county is like; on a dry run, what it would be like."
    )
    invitation: Invitation | None = strawberry.field(
        default=None,
        description="The administrator's; null on a dry run, where one was accepted, and for a key sent"
        " again: who lost it asks `countyAdminInvite` for another.",
    )
    is_new: bool = strawberry.field(
        default=False, description="Whether this very command made the county a place."
    )


@strawberry.type(description="邀请的结果 / What inviting an administrator answers with.")
class CountyAdminInvitePayload(Payload):
    place: Place | None = strawberry.field(default=None, description="The county.")
    invitation: Invitation | None = strawberry.field(default=None, description="The one-time invitation.")


Admin = Annotated[CountyAdminInput, strawberry.argument(description="Its administrator.")]


@strawberry.type
class OnboardingMutation:
    @command(
        permission="place.create",
        payload=CountyOnboardPayload,
        description="开通一个县，可先试算 / Onboard a county; a dry run shows it first.",
        cost=ONBOARDING,
    )
    async def county_onboard(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="Its division code, 6 or 12 digits.")],
        admin: Admin,
        dry_run: Annotated[
            bool, strawberry.argument(description="Whether to only show what would be; nothing is kept.")
        ],
        base_profile: Annotated[
            str | None,
            strawberry.argument(
                description="The profile of a place above to live under; none when left out."
            ),
        ] = None,
        exclude: Annotated[
            list[str] | None,
            strawberry.argument(description="Codes of townships or villages that another place governs."),
        ] = None,
        local_nodes: Annotated[
            list[LocalNodeInput] | None,
            strawberry.argument(description="Nodes that no register lists, at most 50."),
        ] = None,
        newer_list: Annotated[
            relay.GlobalID | None,
            strawberry.argument(
                description="A file `code,name[,level]` sent to /files, to compare the county with."
            ),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(
                description="Sent again with the same key, the command has one effect and is answered with"
                " the place as it is now, without an invitation."
            ),
        ] = None,
    ) -> CountyOnboardPayload:
        context = info.context
        plan = onboarding.Plan(
            code=code,
            admin=admin.admin,
            base=kept(base_profile, "baseProfile", LONGEST_NAME),
            excluding=tuple(few(exclude or [], "exclude")),
            local_nodes=tuple(node.node for node in few(local_nodes or [], "localNodes", MOST_LOCAL)),
        )
        newer = await _listed(info, newer_list, code) if newer_list is not None else None
        if dry_run:
            report = await onboarding.preview(context.viewer, context.access, plan, newer=newer)
            return CountyOnboardPayload(report=OnboardingReport.of(report, context.language))
        key = kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        done = await onboarding.onboard(context.viewer, context.access, plan, newer=newer, key=key)
        return CountyOnboardPayload(
            place=Place.of(done.place),
            report=OnboardingReport.of(done.report, context.language),
            invitation=Invitation.maybe(done.invitation),
            is_new=done.is_new,
        )

    @command(
        permission="place.create",
        payload=CountyAdminInvitePayload,
        description="邀请或重新邀请县级管理员 / Invite an administrator to a county, or the same one anew.",
    )
    async def county_admin_invite(
        self, info: Info, place: PlaceBelow, admin: Admin, reason: Reason
    ) -> CountyAdminInvitePayload:
        context = info.context
        row, invited = await onboarding.invite_admin(
            context.viewer,
            context.access,
            row_id(place, "Place", "place"),
            admin.admin,
            filled(reason, "reason"),
        )
        return CountyAdminInvitePayload(place=Place.of(row), invitation=Invitation.maybe(invited))


async def _listed(info: Info, given: relay.GlobalID, county: str) -> tuple[Entry, ...]:
    """The county's rows of a file that the viewer may read. That is all computing: not in the event loop."""
    viewer, access, storage = info.context.viewer, info.context.access, info.context.storage
    assert storage is not None, "the door gives the storage"
    file = await attachments.one(viewer, access, row_id(given, "Attachment", "newerList"), "newerList")
    text = await attachments.text_of(file, storage, most_bytes=LONGEST_LIST_BYTES, path="newerList")
    return await asyncio.get_running_loop().run_in_executor(_beside, newer_list.read, text, county)
