"""Readiness: how far a county is on its way from onboarding to work."""

from typing import Self

import strawberry

from schema.enums import enum
from schema.terms import Term
from tenants import readiness

enum(readiness.Part, name="ReadinessPartName", description="开通的一个环节 / One part of readiness.")


@strawberry.type(description="开通的一个环节 / One part of readiness and how far it is.")
class ReadinessPart:
    part: readiness.Part = strawberry.field(description="Which part.")
    is_met: bool = strawberry.field(description="Whether it is complete.")
    done: int = strawberry.field(description="How many of what it counts are there.")
    wanted: int = strawberry.field(description="How many there must be.")


@strawberry.type(description="开通进度，当场算出 / How ready a county is; computed when it is asked for.")
class Readiness:
    share: float = strawberry.field(description="The share of the five parts that are met, 0 to 1.")
    parts: list[ReadinessPart] = strawberry.field(description="The five parts.")
    unheld_organs: list[Term] = strawberry.field(
        description="The organs that flows name and for which nobody can act."
    )

    @classmethod
    def of(cls, ready: readiness.Readiness) -> Self:
        parts = [
            ReadinessPart(part=p.part, is_met=p.is_met, done=p.done, wanted=p.wanted) for p in ready.parts
        ]
        return cls(share=ready.share, parts=parts, unheld_organs=[Term.of(organ) for organ in ready.unheld])

    @classmethod
    def maybe(cls, ready: readiness.Readiness | None) -> Self | None:
        return cls.of(ready) if ready is not None else None
