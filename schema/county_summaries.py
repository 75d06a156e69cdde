"""County summaries: what the registers of a province's counties add up to, county by county."""

from datetime import datetime
from typing import Annotated, ClassVar

import strawberry

from schema.fields import Info, described, read_field
from schema.places import MOST_PLACES, Place, places_at_most
from schema.reads.asked import every
from schema.reads.declared import One
from schema.reads.related import Row, one
from schema.texts import division_code
from tenants import county_summaries
from tenants.county_summaries import CountySummary as CountySummaryRow


@strawberry.type(description=described("县区汇总 / What a county's register adds up to.", "summary.read"))
class CountySummary(Row):
    model: ClassVar = CountySummaryRow
    place: Place = one("县区 / The county.", One("tenant_id"))
    households: int = strawberry.field(description="户数 / The households of its register, in any state.")
    population: int = strawberry.field(description="人口 / How many people these have.")
    candidates: int = strawberry.field(description="待识别户 / Households named, not yet identified.")
    registered: int = strawberry.field(description="在册户 / Households identified as poor.")
    exited: int = strawberry.field(description="脱贫户 / Households out of poverty.")
    relapsed: int = strawberry.field(description="返贫户 / Households in poverty again.")
    paired_households: int = strawberry.field(
        description="结对户 / Households with a pairing that has no end yet."
    )
    counted_at: datetime = strawberry.field(description="When it was last counted: at the last change.")


@strawberry.type
class CountySummaryQuery:
    @read_field(
        permission="summary.read",
        description="下辖各县区的汇总，按代码 / What each county below adds up to now, by code.",
        closed=list,
    )
    async def county_summaries(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="How many counties at most, 1 to 250.")
        ] = MOST_PLACES,
        after: Annotated[
            str | None, strawberry.argument(description="The code after which the list goes on.")
        ] = None,
    ) -> list[CountySummary]:
        most, beyond = places_at_most(first), division_code(after) if after is not None else None
        listing = await county_summaries.listed(info.context.viewer, info.context.access, most, beyond)
        found: list[CountySummary] = every(listing) if listing.places else []
        return found
