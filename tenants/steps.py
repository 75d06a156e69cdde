"""Steps: the parties through whose hands a request goes, resolved for one applicant.

The law names organs; a step knows where the organ sits for this applicant and which unit it is, so that who
may act for it can be asked of Casbin, of the database, and of those who hold posts today.
"""

from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q

from policies.access import Access, authority
from policies.jurisdiction import lineage
from policies.outcomes import Group, Mode, StepAct
from policies.outcomes import Step as LawStep
from policies.reach import Field, Reach, Target, Viewer
from policies.vocabulary import vocabulary
from tenants import notices, people, reach, units
from tenants.conditions import NOTHING, Compared, Condition, Every, Some
from tenants.pages import Order
from tenants.people import Post
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls


class StepState(StrEnum):
    WAITING = "waiting"  # an earlier step is not complete
    OPEN = "open"
    SIGNED = "signed"
    REJECTED = "rejected"
    PASSED = "passed"  # enough others signed, or the request ended


class Step(PlaceRow):
    """One party of one step. Parties of the same `ordinal` belong together: `needed` of them must sign."""

    request_id = fields.UUIDField()
    ordinal = fields.SmallIntField()
    act = fields.CharField(16)
    organ = fields.CharField(64)
    needed = fields.SmallIntField()
    code = fields.CharField(12)
    unit_id = fields.UUIDField(null=True)
    applicant_id = fields.UUIDField()
    state = fields.CharEnumField(StepState, max_length=12)

    class Meta:
        table = "steps"

    walls = Walls(
        links={"request_id": "requests", "unit_id": "units", "applicant_id": "persons"},
        unique={"steps_party_once": ("request_id", "ordinal", "organ")},
        indexes={"steps_by_state": ("state", "organ", "code")},
    )


IN_ORDER = Order(("ordinal", "organ"))
COLUMNS = {Field.OWNER: "applicant_id", Field.UNIT: "unit_id", Field.CODE: "code"}


async def parties(access: Access, request_id: UUID, steps: Sequence[LawStep], applicant: Post) -> list[Step]:
    """The parties of some steps of the law, resolved for this applicant; not saved."""
    return [
        Step(
            request_id=request_id,
            ordinal=ordinal,
            act=step.act.value,
            organ=organ,
            needed=how_many(step.group),
            code=applicant.code,
            unit_id=await unit_of(organ, access, applicant),
            applicant_id=applicant.person_id,
            state=StepState.OPEN if ordinal == 1 else StepState.WAITING,
        )
        for ordinal, step in enumerate(steps, start=1)
        for organ in step.group.terms
    ]


def how_many(group: Group) -> int:
    """How many parties of a step must sign. Several names for one actor (党委、政府) are one."""
    match group.mode:
        case Mode.ANY | Mode.AS_ONE | Mode.ONE:
            return 1
        case Mode.AT_LEAST:
            return group.count or 1
        case Mode.ALL | Mode.EACH:
            return len(group.terms)


async def unit_of(organ: str, access: Access, applicant: Post) -> UUID | None:
    """The unit that is this organ for this applicant; None for an organ that acts by its place in the tree.

    Raises NOBODY_HOLDS_ORGAN where only a unit could act and there is none: the step could never be
    signed."""
    term = vocabulary().words.get(organ.partition(".")[0])
    if term is not None and term.reached_by is not None:
        unit_id = applicant.unit_id
    else:
        unit = await units.of_organ(organ, applicant.code)
        unit_id = unit.id if unit else None
    reaches = {how_far for _, how_far in access.who_can(authority(organ))}
    if unit_id is None and reaches <= {Reach.UNIT}:
        raise Refusal(RefusalCode.NOBODY_HOLDS_ORGAN, path=("post",), organ=organ)
    return unit_id


def party_of(viewer: Viewer, step: Step) -> Target:
    """A step as access sees it: signing it is an act on the applicant's case."""
    return Target(place_id=viewer.place_id, code=step.code, unit_id=step.unit_id, owner_id=step.applicant_id)


async def of_requests(request_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    found: dict[UUID, list[Step]] = {request_id: [] for request_id in request_ids}
    for step in await Step.filter(request_id__in=list(request_ids)).order_by("ordinal", "organ"):
        found[step.request_id].append(step)
    return found


@reach.per_viewer
def to_sign(viewer: Viewer, access: Access) -> Condition:
    """The steps, in whatever state, that the viewer may sign for some organ."""
    mine = [
        Every(
            (
                Compared("organ", "=", organ),
                reach.condition(access.reach(viewer, authority(organ)), COLUMNS),
            )
        )
        for organ in access.organs_of(viewer)
    ]
    return Some(tuple(mine))


async def holders(access: Access, step: Step, day: date) -> set[UUID]:
    """The persons whose posts may act for a step's organ on a day: who holds one, and who stands in for one.
    The applicant is never among them, nor who stands in for him."""
    found: set[UUID] = set()
    permission = authority(step.organ)
    for role, how_far in access.who_can(permission):
        posts = await Post.filter(people.open_on(day), _post_that_reaches(how_far, step), role=role)
        own = [post for post in posts if post.acting_for_id is None]
        acting = [post for post in posts if permission in (post.limited_to or ())]
        stood_in_for = [post.acting_for_id for post in acting if post.acting_for_id]
        principals = await people.open_posts(stood_in_for, day)
        found |= {post.person_id for post in own}
        for post in acting:
            principal = principals.get(post.acting_for_id) if post.acting_for_id else None
            stands_in = principal is not None and principal.acting_for_id is None
            if principal is not None and stands_in and principal.person_id != step.applicant_id:
                found.add(post.person_id)
    return found - {step.applicant_id}


def _post_that_reaches(how_far: Reach, step: Step) -> Q:
    match how_far:
        case Reach.SUBTREE:
            return Q(code__in=list(lineage(step.code)))
        case Reach.NODE:
            return Q(code=step.code)
        case Reach.UNIT:
            return Q(unit_id=step.unit_id) if step.unit_id else NOTHING
        case Reach.TENANT | Reach.ANY:
            return Q(id__isnull=False)
        case Reach.OWN | Reach.ASSIGNED:
            return NOTHING


async def tell(viewer: Viewer, access: Access, steps: Sequence[Step]) -> None:
    """Tell those who act for each organ: that a request waits for them, or that something was filed with
    them."""
    for step in steps:
        kind = "request_told" if StepAct(step.act).only_tells else "request_waits"
        told = await holders(access, step, viewer.day)
        await notices.tell(told, kind, ("request", step.request_id), act=step.act, organ=step.organ)
