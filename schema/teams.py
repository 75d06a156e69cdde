"""Teams: which the document wants, which stand, who sits in them, and how they come and go."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from policies.access import Access
from policies.jurisdiction import subtree
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.decisions import Decision, facts_given, mistakes_told
from schema.divisions import Division
from schema.enums import enum
from schema.fields import Info, command, described, read_field
from schema.nodes import MappedNode, maybe_row_id, row_id
from schema.people import Person
from schema.reads.asked import page
from schema.reads.declared import Many, Mapped, One
from schema.reads.related import Row, many, one
from schema.requests import Request
from schema.terms import Term
from schema.texts import LONGEST_KEY, division_code, filled, kept, sought
from schema.user_errors import Payload
from tenants import requests, team_formation, team_requirements, teams
from tenants.conditions import Condition
from tenants.teams import Seat as SeatRow
from tenants.teams import Team as TeamRow

enum(teams.TeamState, name="TeamState", description="队伍状态 / A team's state.")
LONGEST_NAME = 100


@strawberry.type(description=described("席位 / A seat in a team, and who sits in it.", "team.read"))
class Seat(Row, Mapped):
    model: ClassVar = SeatRow
    role: Term = strawberry.field(description="The seat: a term of category ROLE.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    person: Person = one("人选 / Who sits in it.", One("person_id"))

    @strawberry.field(description="Facts about him that were said, because the record did not know them.")
    def entered(self) -> JSON:
        found: JSON = self.row.entered
        return found


@strawberry.type(description=described("队伍 / A team at a village, a township or the county.", "team.read"))
class Team(Row, MappedNode):
    model: ClassVar = TeamRow
    row_id: relay.NodeID[UUID]
    kind: Term = strawberry.field(description="What it is: a term of category TEAM.")
    name: str = strawberry.field(description="Its name.")
    state: teams.TeamState = strawberry.field(description="Its state.")
    begins_on: date = strawberry.field(description="The day from which it is there.")
    ends_on: date | None = strawberry.field(description="The first day on which it is not.")
    justification: str | None = strawberry.field(description="Why it goes against an 原则上 rule.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    division: Division | None = one("所在区划 / Which division it is for.", One("code", to="code"))
    seats: list[Seat] = many("席位 / Its seats.", Many("team_id", teams.IN_ORDER), Cost(items=6))
    request: Request | None = one(
        "审批 / The request that its line-up waits or waited for.",
        One("id", to="subject_id", visible=requests.visible),
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return teams.visible(viewer, access)


@strawberry.type(description="应建队伍 / What the document says of teams of one kind at one division.")
class TeamRequirement:
    standing: int = strawberry.field(description="How many stand there or wait for consent.")
    is_missing: bool = strawberry.field(description="Whether one must be there and is not.")
    asked: strawberry.Private[team_requirements.Requirement]

    @strawberry.field(description="Where.")
    def division(self) -> Division:
        return Division.of(self.asked.division)

    @strawberry.field(description="Which kind of team: a term of category TEAM.")
    def kind(self) -> Term:
        return Term.of(self.asked.kind)

    @strawberry.field(
        description="依据 / What the document says: REQUIRED, or INCOMPLETE with the facts that are missing."
    )
    def decision(self, info: Info) -> Decision:
        return Decision.of(self.asked.decision, info.context.words)

    @classmethod
    def of(cls, asked: team_requirements.Requirement) -> "TeamRequirement":
        return cls(standing=asked.standing, is_missing=asked.is_missing, asked=asked)


@strawberry.input(description="筛选队伍 / Which teams; what is left out does not matter.")
class TeamFilter:
    division: str | None = strawberry.field(
        default=None, description="In the division with this 12-digit code, or below it."
    )
    kind: str | None = strawberry.field(default=None, description="Of this kind: a term's id.")
    standing: bool = strawberry.field(default=False, description="Only those that have not ended.")

    @property
    def span(self) -> tuple[str, str] | None:
        return subtree(division_code(self.division)) if self.division is not None else None

    @property
    def wanted(self) -> Condition:
        kind = sought(self.kind) if self.kind is not None else None
        return teams.wanted(kind=kind, span=self.span, standing=self.standing)


@strawberry.input(description="一个席位的人选 / A person in a seat.")
class SeatInput:
    role: str = strawberry.field(description="The seat: one that the document gives to this kind of team.")
    person: relay.GlobalID = strawberry.field(description="Who sits in it.")
    facts: JSON | None = strawberry.field(
        default=None,
        description="Facts about him that the record does not know, by name; what it knows, it knows better.",
    )

    def placed(self) -> team_formation.Placed:
        person = row_id(self.person, "Person", "seats")
        return team_formation.Placed(self.role, person, facts_given(self.facts))


@strawberry.input(description="组建队伍 / A team with its line-up.")
class TeamCreateInput:
    kind: str = strawberry.field(description="A term of category TEAM, such as responsibility_group.")
    division: str = strawberry.field(description="The 12-digit code of the division it is for.")
    name: str = strawberry.field(description="Its name, at most 100 characters.")
    begins_on: date = strawberry.field(description="From which day; a past one, where it is entered late.")
    seats: list[SeatInput] = strawberry.field(description="Who sits in it, at most 50.")
    facts: JSON | None = strawberry.field(
        default=None, description="Facts about the division that the record does not know, by name."
    )
    justification: str | None = strawberry.field(
        default=None, description="Why, where the answer warns: for going against an 原则上 rule."
    )
    post: strawberry.ID | None = strawberry.field(
        default=None, description="The post one acts in; needed with several posts."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> team_formation.Draft:
        return team_formation.Draft(
            kind=self.kind,
            code=division_code(self.division),
            name=filled(self.name, "name", LONGEST_NAME),
            begins_on=self.begins_on,
            seats=tuple(seat.placed() for seat in self.seats),
            facts=facts_given(self.facts),
            justification=kept(self.justification, "justification"),
            post_id=maybe_row_id(self.post, "post"),
        )


@strawberry.type(description="队伍命令的结果 / What a command over a team answers with.")
class TeamPayload(Payload):
    team: Team | None = strawberry.field(default=None, description="The team, as it is now.")


def _payload(info: Info, done: team_formation.Formed) -> TeamPayload:
    return TeamPayload(team=Team.of(done.team), decision=Decision.of(done.decision, info.context.words))


@strawberry.type
class TeamQuery:
    @read_field(
        permission="team.read",
        description="可见的队伍，按区划 / The teams that the viewer may read, by division and kind.",
        closed=Connection.empty,
    )
    async def teams(
        self,
        info: Info,
        filter: Annotated[TeamFilter | None, strawberry.argument(description="Which of them.")] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Team]:
        wanted = (filter or TeamFilter()).wanted
        rows = teams.listed(info.context.viewer, info.context.access, wanted)
        found: Connection[Team] = page(rows, first, after)
        return found

    @read_field(
        permission="team.read",
        description="应建队伍及缺口 / The teams that the document wants in one's reach, and the missing.",
        closed=Connection.empty,
        cost=Cost(points=50),
    )
    async def team_requirements(
        self,
        info: Info,
        division: Annotated[
            str | None, strawberry.argument(description="In the division with this code, or below it.")
        ] = None,
        kind: Annotated[str | None, strawberry.argument(description="Of this kind: a term's id.")] = None,
        missing: Annotated[bool, strawberry.argument(description="Only those that are missing.")] = False,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[TeamRequirement]:  # type: ignore[type-var]
        span = subtree(division_code(division)) if division is not None else None
        wanted = team_requirements.Wanted(span, sought(kind) if kind is not None else None, missing)
        asked = await team_requirements.required(info.context.viewer, info.context.law, wanted)
        return Connection.of_list(
            asked, lambda one: f"{one.division.code}/{one.kind}", TeamRequirement.of, first, after
        )


@strawberry.type
class TeamMutation:
    @command(
        permission="team.create",
        payload=TeamPayload,
        description="组建队伍：逐席位核对，按文件报批 / Form a team: judged seat by seat, sent for consent.",
    )
    async def team_create(
        self,
        info: Info,
        input: Annotated[TeamCreateInput, strawberry.argument(description="The team and its line-up.")],
    ) -> TeamPayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        with mistakes_told():
            done = await team_formation.form(context.viewer, context.law, input.draft(), key=key)
        return _payload(info, done)

    @command(
        permission="team.end",
        payload=TeamPayload,
        description="撤销队伍，文件不许的写明条款 / Dissolve a team, unless the document lets it stand.",
    )
    async def team_dissolve(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The team.")],
        on: Annotated[date, strawberry.argument(description="The first day on which it is not there.")],
        facts: Annotated[
            JSON | None, strawberry.argument(description="Facts that the document asks for, by name.")
        ] = None,
        justification: Annotated[
            str | None, strawberry.argument(description="Why, where the answer warns.")
        ] = None,
        expected_version: Annotated[
            int | None, strawberry.argument(description="The version the client has seen.")
        ] = None,
    ) -> TeamPayload:
        with mistakes_told():
            done = await team_formation.dissolve(
                info.context.viewer,
                info.context.law,
                row_id(id, "Team"),
                on,
                facts=facts_given(facts),
                justification=kept(justification, "justification"),
                expected_version=expected_version,
            )
        return _payload(info, done)
