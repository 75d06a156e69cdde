"""What the record knows of a division, as words and facts for the law."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from policies.circumstances import FactValue
from policies.jurisdiction import Level
from policies.vocabulary import Vocabulary
from tenants import scope
from tenants.divisions import Division

# 贫困户: who is in the register as poor today.
_POOR = """
SELECT code, count(*) AS households FROM households
WHERE tenant_id = $1 AND state IN ('registered', 'relapsed') AND code >= $2 AND code < $3 GROUP BY code
"""


def words_of(division: Division) -> list[str]:
    """The words by which the documents speak of a node: its level, and what it is called, such as 贫困村."""
    return [division.level.value, *sorted(name for name, holds in division.attributes.items() if holds)]


async def poor_households(place_id: UUID, span: tuple[str, str]) -> Counter[str]:
    """How many poor households live at each code of a span, which is half-open."""
    rows = await scope.fetch(_POOR, place_id, *span)
    return Counter({row["code"]: row["households"] for row in rows})


def facts_of(division: Division, households: int, words: Vocabulary) -> Mapping[str, FactValue]:
    """The facts of a node: what its attributes say of it, and how many poor households a village has."""
    facts = {name: value for name, value in division.attributes.items() if name in words.facts}
    return facts | ({"village_poor_households": households} if division.level is Level.VILLAGE else {})
