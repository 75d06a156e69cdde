"""A place's own profile: what stands in a text's way, the drafts, and the versions that were published."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.profile import LONGEST_NAME, LONGEST_TITLE
from policies.reach import Viewer
from policies.reading import LONGEST_PROFILE
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.enums import enum
from schema.errors import Language
from schema.fields import Info, command, described, read_field
from schema.nodes import MappedNode, row_id
from schema.people import Person
from schema.profile_contents import ProfilePin
from schema.profile_reviews import LONGEST_DOCUMENT, REVIEWING, ProfileProblem, ProfileReview
from schema.reads.asked import page
from schema.reads.declared import Column, Holds, One, read
from schema.reads.related import Row, one
from schema.texts import LONGEST_KEY, few, kept
from schema.user_errors import Payload
from tenants import places, profile_drafts, profiles
from tenants.conditions import Condition
from tenants.documents import SourceDocument as DocumentRow
from tenants.profile_drafts import Content, DraftState
from tenants.profile_drafts import ProfileDraft as DraftRow
from tenants.profiles import Profile as ProfileRow
from tenants.refusals import Refusal

# Up to 200,000 characters each: a usual page of them is one answer, a page of a hundred is not.
LONG_TEXT = Cost(points=50)

enum(DraftState, name="ProfileDraftState", description="草案状态 / A draft's state.")


@strawberry.type(description="源文件 / The official document, as received.")
class SourceDocument(Row):
    model: ClassVar = DocumentRow
    title: str = strawberry.field(description="Its title.")
    number: str | None = strawberry.field(description="Its number, where it has one.")
    digest: str = strawberry.field(description="SHA-256 of its text.")
    text: str = strawberry.field(
        description="Its text, in which every quotation stands.", metadata={"cost": LONG_TEXT}
    )

    @classmethod
    def maybe(cls, row: DocumentRow | None) -> Self | None:
        return cls.of(row) if row is not None else None


async def _person(info: Info, person_id: UUID) -> Person | None:
    """A person of the viewer's own place; of another's nobody is shown."""
    row = await info.context.loaders.person_by_id.load(person_id)
    return Person.of(row) if row is not None else None


@strawberry.type(description=described("已发布的档案版本 / A published version: public law.", "profile.read"))
class ProfileVersion(Row, MappedNode):
    model: ClassVar = ProfileRow
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="The profile's id, as citations name it.")
    version: int = strawberry.field(description="Its number, counted in its place from 1.")
    digest: str = strawberry.field(description="SHA-256 of what it says, what it inherits included.")
    effective_from: date = strawberry.field(description="The first day it is asked for.")
    published_at: datetime = strawberry.field(description="When it was published.")
    row: strawberry.Private[ProfileRow]

    @strawberry.field(
        description="Whether the viewer's own place has published it.", metadata=read(Holds(profiles.own))
    )
    def is_own(self, info: Info) -> bool:
        return self.row.owner_id == info.context.viewer.place_id

    @strawberry.field(
        description="The file as it was published.", metadata={"cost": LONG_TEXT, **read(Column("text"))}
    )
    async def text(self, info: Info) -> str:
        row: ProfileRow = await info.context.loaders.profile_by_id.load(self.row.id)
        return row.text

    @strawberry.field(
        description="起草人 / Who drafted it; null for a version of a place above.",
        metadata=read(One("drafted_by")),
    )
    async def drafted_by(self, info: Info) -> Person | None:
        return await _person(info, self.row.drafted_by)

    @strawberry.field(
        description="发布人 / Who checked and published it; null for a place above.",
        metadata=read(One("published_by")),
    )
    async def published_by(self, info: Info) -> Person | None:
        return await _person(info, self.row.published_by)

    @strawberry.field(
        description="上级版本 / The version above that it pins; null for none.",
        metadata=read(One("parent_id")),
    )
    async def parent(self, info: Info) -> ProfilePin | None:
        if self.row.parent_id is None:
            return None
        row: ProfileRow = await info.context.loaders.profile_by_id.load(self.row.parent_id)
        return ProfilePin.of(row)

    @strawberry.field(
        description="源文件 / The official document that it was made from.",
        metadata=read(One("document_id")),
    )
    async def document(self, info: Info) -> SourceDocument | None:
        if self.row.document_id is None:
            return None
        return SourceDocument.maybe(await info.context.loaders.document_by_id.load(self.row.document_id))

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return profiles.visible(viewer, access)


@strawberry.type(description=described("档案草案 / A draft of the place's own profile.", "profile.create"))
class ProfileDraft(Row, MappedNode):
    model: ClassVar = DraftRow
    brings: ClassVar = profile_drafts.SHORT
    row_id: relay.NodeID[UUID]
    name: str | None = strawberry.field(description="The profile's id; null where the text cannot be read.")
    document_title: str | None = strawberry.field(description="The document's title, where it was given.")
    document_number: str | None = strawberry.field(description="The document's number, where it was given.")
    state: DraftState = strawberry.field(description="Its state.")
    follows: int = strawberry.field(description="The last published version when it was written; 0 for none.")
    recorded_at: datetime = strawberry.field(description="When it was first written.")
    changed_at: datetime = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    row: strawberry.Private[DraftRow]

    @strawberry.field(
        description="The text, as it was given.", metadata={"cost": LONG_TEXT, **read(Column("text"))}
    )
    async def text(self, info: Info) -> str:
        return (await self._whole(info)).text

    @strawberry.field(
        description="The document's text, where it was given.",
        metadata={"cost": LONG_TEXT, **read(Column("document_text"))},
    )
    async def document_text(self, info: Info) -> str | None:
        return (await self._whole(info)).document_text

    async def _whole(self, info: Info) -> DraftRow:
        row: DraftRow = await info.context.loaders.draft_by_id.load(self.row.id)
        return row

    @strawberry.field(description="起草、修改过的人 / Who has written at it; none of them may publish it.")
    async def edited_by(self, info: Info) -> list[Person]:
        return [await Person.load(info, person_id) for person_id in self.row.editors]

    profile: ProfileVersion | None = one(
        "发布的版本 / The version that it became; null before.", One("profile_id")
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return profile_drafts.visible(viewer, access)


@strawberry.input(description="草案内容 / What is drafted.")
class ProfileDraftInput:
    text: str = strawberry.field(
        description=f"The profile's text (YAML), at most {LONGEST_PROFILE} characters; kept as it is given."
    )
    document_title: str | None = strawberry.field(
        default=None, description="The official document's title; the profile's when left out."
    )
    document_number: str | None = strawberry.field(
        default=None, description="The official document's number; the profile's when left out."
    )
    document_text: str | None = strawberry.field(
        default=None,
        description=f"The official document's text, at most {LONGEST_DOCUMENT} characters; every quotation"
        " must stand in it.",
    )
    draft: relay.GlobalID | None = strawberry.field(
        default=None, description="The open draft whose content it takes the place of; a new one if left out."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="The version of the draft that the client has seen."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def content(self) -> Content:
        return Content(
            text=kept(self.text, "text", LONGEST_PROFILE),
            document_title=kept(self.document_title, "documentTitle", LONGEST_TITLE),
            document_number=kept(self.document_number, "documentNumber", LONGEST_NAME),
            document_text=kept(self.document_text, "documentText", LONGEST_DOCUMENT),
        )


@strawberry.type(description="草案命令的结果 / What a command over a draft answers with.")
class ProfileDraftPayload(Payload):
    draft: ProfileDraft | None = strawberry.field(default=None, description="The draft, as it is now.")
    review: ProfileReview | None = strawberry.field(
        default=None, description="What stands in its way; null where the command does not look."
    )


@strawberry.type(description="发布的结果 / What publishing answers with.")
class ProfilePublishPayload(Payload):
    profile: ProfileVersion | None = strawberry.field(default=None, description="The published version.")
    problems: list[ProfileProblem] = strawberry.field(
        default_factory=list, description="What stands in the way, where it was refused for that."
    )

    @classmethod
    def refused(cls, refusal: Refusal, language: Language) -> Self:
        payload = super().refused(refusal, language)
        payload.problems = [ProfileProblem.of(problem, language) for problem in refusal.obstacles]
        return payload


DraftId = Annotated[relay.GlobalID, strawberry.argument(description="The draft.")]
Expected = Annotated[
    int | None, strawberry.argument(description="The version of the draft that the client has seen.")
]


@strawberry.type
class ProfileQuery:
    @read_field(
        permission=profile_drafts.DRAFT,
        description="本地的档案草案，新的在前 / The drafts of this place, newest first.",
        closed=Connection.empty,
    )
    async def profile_drafts(
        self,
        info: Info,
        state: Annotated[
            DraftState | None, strawberry.argument(description="In this state only; all when left out.")
        ] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[ProfileDraft]:
        rows = profile_drafts.listed(info.context.viewer, info.context.access, state)
        found: Connection[ProfileDraft] = page(rows, first, after)
        return found

    @read_field(
        permission="profile.read",
        description="已发布的档案版本，新的在前 / The versions that a place has published, newest first.",
        closed=Connection.empty,
    )
    async def profile_versions(
        self,
        info: Info,
        code: Annotated[
            str | None,
            strawberry.argument(description="The code of a place above; the viewer's own when left out."),
        ] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[ProfileVersion]:
        here = info.context.viewer.place_id
        owner = here if code is None else await places.above(here, code)
        if owner is None:
            return Connection.empty()
        found: Connection[ProfileVersion] = page(profiles.listed(owner), first, after)
        return found


@strawberry.type
class ProfileMutation:
    @command(
        permission=profile_drafts.DRAFT,
        payload=ProfileDraftPayload,
        description="起草档案：存下并检查，有错也存 / Keep a draft, with errors too, and review it.",
        cost=REVIEWING,
    )
    async def profile_draft(
        self,
        info: Info,
        input: Annotated[ProfileDraftInput, strawberry.argument(description="What is drafted.")],
    ) -> ProfileDraftPayload:
        saved = await profile_drafts.save(
            info.context.viewer,
            info.context.access,
            input.content(),
            draft_id=row_id(input.draft, "ProfileDraft", "draft") if input.draft else None,
            expected_version=input.expected_version,
            key=kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        review = ProfileReview.of(saved.review, info.context.language)
        return ProfileDraftPayload(draft=ProfileDraft.of(saved.draft), review=review)

    @command(
        permission=profile_drafts.DRAFT,
        payload=ProfileDraftPayload,
        description="作废草案 / Give an open draft up; it can still be read.",
    )
    async def profile_draft_drop(
        self, info: Info, draft: DraftId, expected_version: Expected = None
    ) -> ProfileDraftPayload:
        dropped = await profile_drafts.drop(
            info.context.viewer,
            info.context.access,
            row_id(draft, "ProfileDraft", "draft"),
            expected_version=expected_version,
        )
        return ProfileDraftPayload(draft=ProfileDraft.of(dropped))

    @command(
        permission=profile_drafts.PUBLISH,
        payload=ProfilePublishPayload,
        description="复核并发布，起草、修改者除外 / Check and publish; nobody who has written at it may.",
        cost=REVIEWING,
    )
    async def profile_publish(
        self,
        info: Info,
        draft: DraftId,
        from_: Annotated[
            date,
            strawberry.argument(
                name="from",
                description="The first day it is asked for: within the document's validity, and not before"
                " today where questions were answered here until now.",
            ),
        ],
        confirming: Annotated[
            list[str] | None,
            strawberry.argument(
                description="暂定的数值须逐项确认 / The names of the settings whose values only a"
                " reading gives, each of which must be confirmed: those that a check tells as assumed."
            ),
        ] = None,
        expected_version: Expected = None,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(description="Sent again with the same key, the command has one effect."),
        ] = None,
    ) -> ProfilePublishPayload:
        published = await profile_drafts.publish(
            info.context.viewer,
            info.context.access,
            row_id(draft, "ProfileDraft", "draft"),
            from_,
            confirming=few(confirming or [], "confirming"),
            expected_version=expected_version,
            key=kept(idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        return ProfilePublishPayload(profile=ProfileVersion.of(published))
