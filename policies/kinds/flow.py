"""Flow: through whose hands an act goes. Bands are rules side by side, each with its own bound."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from policies.form import only
from policies.kinds.rule import GROUP_SCHEMA, ActRule, as_group, group_as_data
from policies.outcomes import GapState, Step, StepAct


def _as_step(given: Any) -> Any:
    if isinstance(given, Step):
        return given
    if not isinstance(given, dict) or len(acts := given.keys() - {"by"}) != 1:
        raise ValueError("a step is one act and its group: {approve: township_party_committee}")
    act = acts.pop()
    if act not in list(StepAct):
        raise ValueError(f"no such step: {act}; known are {', '.join(StepAct)}")
    by = as_group(given["by"]) if "by" in given else None
    return Step(StepAct(act), as_group(given[act]), by)


def step_as_data(step: Step) -> dict[str, Any]:
    """As it is written in a profile."""
    by = {"by": group_as_data(step.by)} if step.by else {}
    return {str(step.act): group_as_data(step.group), **by}


STEP_SCHEMA = {
    "description": "One act and who does it; for file, submit and send: who is told, and `by` whom.",
    "anyOf": [only({str(act): GROUP_SCHEMA}, by=GROUP_SCHEMA) for act in StepAct],
}
StepForm = Annotated[
    Step, BeforeValidator(_as_step), PlainSerializer(step_as_data), WithJsonSchema(STEP_SCHEMA)
]


class Flow(ActRule):
    """Its steps stand in order. `after`: the flow whose steps come first."""

    kind: Literal["flow"]
    steps: tuple[StepForm, ...] = ()
    after: str | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "Flow":
        if not self.steps and not self.gaps:
            raise ValueError("a flow has steps, or a gap that says where they are")
        return self

    @cached_property
    def is_unclear(self) -> bool:
        """Whether the clause can be read in two ways."""
        return any(gap.state is GapState.UNCLEAR for gap in self.gaps)

    @property
    def organs(self) -> frozenset[str]:
        """Everyone through whose hands it goes."""
        groups = [group for step in self.steps for group in (step.group, step.by) if group]
        return frozenset(term for group in groups for term in group.terms)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "steps", tuple(sorted(self.organs))
