"""Which teams the document wants where, and which of them are missing. Computed, never stored.

The law is asked once for each kind of node with the same facts: of a thousand villages with the same number
of poor households it says the same.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies.bodies import LineUp
from policies.circumstances import FactValue
from policies.decisions import Decision, Question
from policies.jurisdiction import subtree
from policies.kinds.assignment import Assignment
from policies.outcomes import Ask, Outcome
from policies.profile import Profile
from policies.reach import Field, Viewer
from policies.vocabulary import Category
from tenants import decisions, localities, reach, scope
from tenants.conditions import Compared, Every
from tenants.divisions import Division
from tenants.pages import Listing, Order
from tenants.profiles import LawInForce
from tenants.teams import STANDING


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the document says of teams of one kind at one node, and how many stand there or wait for
    consent."""

    division: Division
    kind: str
    decision: Decision
    standing: int

    @property
    def is_missing(self) -> bool:
        body = self.decision.body
        wanted = max((one.at_least or 0 for one in body.asked), default=0) if isinstance(body, LineUp) else 0
        return self.decision.outcome is Outcome.REQUIRED and self.standing < wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """`span`: the codes of the nodes that are asked about; None for all that the viewer reaches."""

    span: tuple[str, str] | None = None
    kind: str | None = None
    missing: bool = False


async def required(viewer: Viewer, law: LawInForce, wanted: Wanted) -> list[Requirement]:
    """For each node that the viewer's `team.read` reaches, by code, the kinds of team that the document
    speaks of there; where it wants none, nothing. Empty without a document."""
    if law.law is None:
        return []
    asking = _Asking(viewer, law, law.law)
    nodes = await _nodes(viewer, law, wanted.span)
    span = wanted.span or subtree(viewer.place_code)
    households = await localities.poor_households(viewer.place_id, span)
    standing = await _standing(viewer)
    found = [
        Requirement(node, kind, decision, standing[node.code, kind])
        for node in nodes
        for kind, decision in asking.of(node, households[node.code])
        if wanted.kind in (None, kind)
    ]
    return [one for one in found if one.is_missing or not wanted.missing]


@dataclass(slots=True)
class _Asking:
    viewer: Viewer
    law: LawInForce
    profile: Profile
    known: dict[tuple[str, tuple[tuple[str, object], ...]], Decision] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        teams = {term.id for term in self.profile.vocabulary.terms(Category.TEAM)}
        rules = [rule for rule in self.profile.of_kind(Assignment) if rule.each_needs]
        said = (tuple(pair.split(">")) for rule in rules for pair in rule.subjects())
        self.pairs = list(dict.fromkeys((who, to) for who, to in said if who in teams))

    def of(self, node: Division, households: int) -> Iterator[tuple[str, Decision]]:
        """The kinds of team that the document wants at the node, or would, if more were known of it."""
        words, known = set(localities.words_of(node)), self.profile.vocabulary
        facts = localities.facts_of(node, households, known)
        for kind, to in self.pairs:
            if to in words:
                decision = self._decided(f"{kind}>{to}", facts)
                if decision.outcome not in (Outcome.NOT_APPLICABLE, Outcome.UNSPECIFIED):
                    yield kind, decision

    def _decided(self, pair: str, facts: Mapping[str, FactValue]) -> Decision:
        key = pair, tuple(sorted(facts.items()))
        if key not in self.known:
            question = Question(Ask.NEEDED, pair)
            self.known[key] = decisions.ask(self.viewer, self.law, question, facts, self.viewer.day)
        return self.known[key]


async def _nodes(viewer: Viewer, law: LawInForce, span: tuple[str, str] | None) -> Sequence[Division]:
    reached = reach.condition(law.access.reach(viewer, "team.read"), {Field.CODE: "code"})
    within = [Compared("code", ">=", span[0]), Compared("code", "<", span[1])] if span else []
    which = Every((reached, Compared("ends_on", "=", None), *within))
    return await Listing(Division, which, Order(("code",))).rows()


_STANDING = """
SELECT code, kind, count(*) AS teams FROM teams
WHERE tenant_id = $1 AND state = ANY($2::text[]) GROUP BY code, kind
"""


async def _standing(viewer: Viewer) -> Counter[tuple[str, str]]:
    rows = await scope.fetch(_STANDING, viewer.place_id, [state.value for state in STANDING])
    return Counter({(row["code"], row["kind"]): row["teams"] for row in rows})
