"""What a county changes in its own tree: nodes that another place governs end, others are taken up or added.

A node that something rests on does not end: who holds a post there, which unit sits there, and which request
waits there is told, so that it can be moved first.
"""

from collections.abc import Collection, Sequence

from policies.access import Access
from policies.jurisdiction import Level, subtree
from policies.reach import Target, Viewer
from tenants import audit, divisions, people, scope
from tenants.divisions import Division
from tenants.people import Post
from tenants.refusals import Refusal, RefusalCode
from tenants.steps import Step, StepState
from tenants.units import Unit

# In these states somebody still has to sign.
WAITING = (StepState.WAITING, StepState.OPEN)


async def leave_out(viewer: Viewer, access: Access, codes: Collection[str]) -> Sequence[Division]:
    """Let nodes and all beneath them end today. Raises IN_USE with what rests on them; excluded again, they
    keep their day."""
    _require_reach(viewer, access, "division.update", codes)
    await divisions.require_below_county(codes)
    # They end before it is asked what rests on them: what is to rest there meanwhile waits, or we for it.
    ended = await divisions.end(codes, viewer.day)
    if uses := [use for code in codes for use in await _uses(viewer, code)]:
        raise Refusal(RefusalCode.IN_USE, path=("codes",), uses=uses)
    await audit.record(viewer, "division.exclude", ("place", scope.writer()), codes=sorted(codes))
    return ended


async def take_up(viewer: Viewer, access: Access, codes: Collection[str]) -> Sequence[Division]:
    """Take nodes of the register, with all beneath them, that the county left out or excluded."""
    _require_reach(viewer, access, "division.create", codes)
    taken = await divisions.take_up(viewer.place_code, codes)
    await audit.record(viewer, "division.take_up", ("place", scope.writer()), codes=sorted(codes))
    return taken


async def add(viewer: Viewer, access: Access, name: str, parent: str, level: Level) -> Division:
    """Add a node that no register lists. The same name under the same node is the same node."""
    _require_reach(viewer, access, "division.create", [parent])
    added = await divisions.add_local(name, parent, level)
    await audit.record(viewer, "division.add", ("division", added.id), code=added.code, parent=parent)
    return added


def _require_reach(viewer: Viewer, access: Access, permission: str, codes: Collection[str]) -> None:
    """Raise FORBIDDEN where the right does not reach one of the nodes, or is denied there."""
    if not all(access.can(viewer, Target(viewer.place_id, code), permission) for code in codes):
        raise Refusal(RefusalCode.FORBIDDEN)


async def _uses(viewer: Viewer, code: str) -> list[tuple[str, str]]:
    """What rests on a node or beneath it, as words in two languages."""
    lower, upper = subtree(code)
    within = {"code__gte": lower, "code__lt": upper}
    counted = (
        (await Post.filter(people.open_from(viewer.day), **within).count(), "个任职", "posts"),
        (await Unit.filter(**within).count(), "个单位", "units"),
        (await Step.filter(state__in=list(WAITING), **within).count(), "个待办步骤", "open steps"),
    )
    return [(f"{code} {count} {zh}", f"{code}: {count} {en}") for count, zh, en in counted if count]
