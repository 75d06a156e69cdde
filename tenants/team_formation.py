"""Forming a team: its line-up judged seat by seat, and the way through the hands that the document names.

What the document says of a seat (its holder's rank, how many, one per village) is asked of the law with what
the record knows of each person. Whoever acts for the organ that proposes or forms has done so by entering it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from policies.access import Access, authority
from policies.circumstances import FactValue
from policies.decisions import Decision, Question
from policies.jurisdiction import lineage, subtree
from policies.kinds.assignment import Assignment
from policies.outcomes import Ask, Outcome, Step, StepAct
from policies.profile import Profile
from policies.reach import Target, Viewer
from policies.vocabulary import Category
from tenants import (
    audit,
    candidates,
    clock,
    decisions,
    divisions,
    idempotency,
    localities,
    people,
    requests,
    teams,
)
from tenants.conditions import Compared
from tenants.decisions import insist
from tenants.divisions import Division
from tenants.people import Person, Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.requests import RequestState
from tenants.teams import STANDING, SUBJECT, Seat, Team, TeamState

ACT = "team.create"
MOST_SEATS = 50
# The acts of the law through which a line-up goes: who consents to it, else who forms it.
WAYS = ("team_constitution", "team_formation")
BEGUN_BY = (StepAct.FORM, StepAct.PROPOSE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A person in a seat. `entered`: facts about him that the record does not know."""

    role: str
    person_id: UUID
    entered: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """`facts`: what the record does not know of the division. `begins_on` may lie in the past: late entry."""

    kind: str
    code: str
    name: str
    begins_on: date
    seats: tuple[Placed, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    justification: str | None = None
    post_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Formed:
    team: Team
    decision: Decision


async def form(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Formed:
    """Enter a team with its line-up. It is in place at once, or waits for those whose consent the document
    wants.

    Refuses with FORBIDDEN, NOT_FOUND (the division, a person), INVALID (a seat that the document does not
    know in this team), and with what the law says of the team or of a seat: DENIED, INCOMPLETE,
    REASON_REQUIRED, UNSPECIFIED where no document speaks of such a team."""
    earlier = await idempotency.claim(viewer, ACT, key, idempotency.payload_of(draft))
    if earlier is not None:
        return Formed(await Team.get(id=earlier), _way(viewer, law, draft.kind))
    post = await decisions.post_in_use(viewer, draft.post_id)
    division = await _division(viewer, law.access, draft)
    profile = _profile(viewer, law, draft)
    judging = _Judging(viewer, law, profile, draft)
    await judging.of_the_team(division)
    await judging.of_the_seats(division)
    decision = _way(viewer, law, draft.kind)
    team = await _write(viewer, draft, decision)
    told = {"kind": draft.kind, "code": draft.code, "seats": len(draft.seats), **audit.law_of(decision)}
    await audit.record(viewer, ACT, (SUBJECT, team.id), **told)
    await _begin(viewer, law, decision, team, post)
    await idempotency.settle(viewer, ACT, key, team.id)
    return Formed(await Team.get(id=team.id), decision)


async def dissolve(
    viewer: Viewer,
    law: LawInForce,
    team_id: UUID,
    on: date,
    *,
    facts: Mapping[str, Any],
    justification: str | None = None,
    expected_version: int | None = None,
) -> Formed:
    """End a team and the posts of its seats: `on` is the first day that no longer counts.

    Refuses with NOT_FOUND, FORBIDDEN, CONFLICT, WRONG_STATE, and where the document lets it stand: DENIED
    with the clause, or INCOMPLETE for a fact that it asks for."""
    team = await Team.locked(team_id)
    if team is None or not await teams.listed(viewer, law.access, Compared("id", "=", team_id)).rows(1):
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    if not law.access.can(viewer, Target(viewer.place_id, team.code), "team.end"):
        raise Refusal(RefusalCode.FORBIDDEN)
    requests.require_version(team.version, expected_version)
    if team.state is not TeamState.IN_PLACE:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",), state=team.state.value)
    if on < team.begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "on")
    question = Question(Ask.ACT, "team_dissolution")
    decision = decisions.ask(viewer, law, question, {**facts, "team_kind": team.kind}, viewer.day)
    insist(decision, justification, ("facts",))
    await teams.ended(team, on, TeamState.DISSOLVED)
    told = {"on": on.isoformat(), **audit.law_of(decision)}
    await audit.record(viewer, "team.end", (SUBJECT, team.id), **told)
    return Formed(await Team.get(id=team.id), decision)


async def _division(viewer: Viewer, access: Access, draft: Draft) -> Division:
    """The node the team is for, held until the transaction ends: of two teams that are entered at once for
    one village, the second is judged with the first."""
    if not access.can(viewer, Target(viewer.place_id, draft.code), ACT):
        raise Refusal(RefusalCode.FORBIDDEN)
    found = await divisions.held(draft.code)
    if found is None or found.ends_on is not None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("division",), given=draft.code[:20])
    return found


def _profile(viewer: Viewer, law: LawInForce, draft: Draft) -> Profile:
    if law.law is None:
        question = Question(Ask.ASSIGN, draft.kind)
        raise Refusal(RefusalCode.UNSPECIFIED, decision=decisions.ask(viewer, law, question, {}, viewer.day))
    if draft.kind not in {term.id for term in law.law.vocabulary.terms(Category.TEAM)}:
        raise invalid(Flaw.UNKNOWN_WORD, "kind", word=draft.kind[:64], category=Category.TEAM)
    if not 0 < len(draft.seats) <= MOST_SEATS:
        raise invalid(Flaw.TOO_MANY, "seats", most=MOST_SEATS, given=len(draft.seats))
    return law.law


@dataclass(frozen=True, slots=True)
class _Judging:
    viewer: Viewer
    law: LawInForce
    profile: Profile
    draft: Draft

    async def of_the_team(self, division: Division) -> None:
        """Whether there may be one more of its kind here."""
        standing = Team.filter(kind=self.draft.kind, code=division.code, state__in=list(STANDING))
        households = await localities.poor_households(self.viewer.place_id, subtree(division.code))
        known = localities.facts_of(division, households[division.code], self.profile.vocabulary)
        facts = {**self.draft.facts, **known, "needs": await standing.count() + 1}
        for word in localities.words_of(division):
            self._ask(Ask.ASSIGN, f"{self.draft.kind}>{word}", facts, ("division",))

    async def of_the_seats(self, division: Division) -> None:
        """Whether each person may sit where he is put, and whether every seat is filled as it must be."""
        found = await self._persons()
        known = await candidates.facts_of(list(found.values()), self.viewer.day)
        near = await _stand_near(division.code, list(found), self.viewer.day)
        counted = Counter(seat.role for seat in self.draft.seats)
        for number, seat in enumerate(self.draft.seats):
            path = ("seats", str(number))
            pair = f"{seat.role}>{self.draft.kind}"
            if not self.profile.about(pair, Assignment):
                raise invalid(Flaw.UNKNOWN_WORD, *path, "role", word=seat.role[:64], category=Category.ROLE)
            facts = {**seat.entered, **known[seat.person_id], "needs": counted[seat.role]}
            facts["candidate_assigned_here"] = seat.person_id in near
            self._ask(Ask.ASSIGN, pair, facts, path)
        for role in seats_of(self.profile, self.draft.kind):
            self._ask(Ask.ASSIGNED, f"{role}>{self.draft.kind}", {"needs": counted[role]}, ("seats",))

    async def _persons(self) -> Mapping[UUID, Person]:
        ids = {seat.person_id for seat in self.draft.seats}
        found = await people.visible_among(ids, self.viewer, self.law.access)
        if len(found) < len(ids):
            raise Refusal(RefusalCode.NOT_FOUND, path=("seats",))
        return found

    def _ask(self, ask: Ask, pair: str, facts: Mapping[str, FactValue], path: tuple[str, ...]) -> None:
        """Raise what the law has against it. Whether a seat is filled is not asked where that hangs on who
        sits in it."""
        if not self.profile.about(pair, Assignment):
            return
        decision = decisions.ask(self.viewer, self.law, Question(ask, pair), facts, self.viewer.day)
        if ask is Ask.ASSIGN or decision.outcome is not Outcome.INCOMPLETE:
            insist(decision, self.draft.justification, path)


def seats_of(profile: Profile, kind: str) -> list[str]:
    """The seats that the document gives to teams of this kind, in its order."""
    rules = [rule for rule in profile.of_kind(Assignment) if kind in rule.to.terms]
    return list(dict.fromkeys(role for rule in rules for role in rule.who.terms))


async def _stand_near(code: str, persons: Sequence[UUID], day: date) -> set[UUID]:
    """Those of the persons who hold a post at the node or at a node above it, below the county."""
    above = set(lineage(code)[1:])
    held = await people.posts_of_persons(persons)
    return {who for who, his in held.items() if any(p.code in above and people.is_open(p, day) for p in his)}


def _way(viewer: Viewer, law: LawInForce, kind: str) -> Decision:
    """Through whose hands a line-up goes: the way to consent, else who forms it; else what is said of it."""
    facts: dict[str, FactValue] = {"team_kind": kind}
    asked = [decisions.ask(viewer, law, Question(Ask.ACT, act), facts, viewer.day) for act in WAYS]
    return next((one for one in asked if one.outcome is Outcome.ROUTE), asked[0])


async def _write(viewer: Viewer, draft: Draft, decision: Decision) -> Team:
    now = clock.now()
    team = await Team.create(
        kind=draft.kind,
        name=draft.name,
        code=draft.code,
        state=TeamState.PENDING,
        begins_on=draft.begins_on,
        justification=draft.justification,
        recorded_at=now,
    )
    seats = [
        Seat(
            team_id=team.id,
            role=seat.role,
            person_id=seat.person_id,
            entered=dict(seat.entered),
            recorded_at=now,
        )
        for seat in draft.seats
    ]
    await Seat.bulk_create(seats)
    return team


async def _begin(viewer: Viewer, law: LawInForce, decision: Decision, team: Team, post: Post) -> None:
    """Open the request that the document wants. Without one the team is in place."""
    if decision.outcome is not Outcome.ROUTE:
        await teams.in_place(team.id, team.begins_on)
        return
    begun = _begun(viewer, law.access, team.code, decision.steps)
    request = await requests.open_request(
        viewer, law, decision, (SUBJECT, team.id), post, team.justification, begun=begun
    )
    if request.state is not RequestState.OPEN:
        await teams.complete(viewer, request)


def _begun(viewer: Viewer, access: Access, code: str, steps: Sequence[Step]) -> int:
    """How many steps are done by entering the team: those that form or propose, for whoever acts for them."""
    target = Target(viewer.place_id, code)
    for number, step in enumerate(steps):
        own = all(access.can(viewer, target, authority(organ)) for organ in step.group.terms)
        if step.act not in BEGUN_BY or not own:
            return number
    return len(steps)
