"""Probes: the questions that every new county is asked at its onboarding."""

from functools import cache
from importlib.resources import files

from pydantic import Field

from policies import strict_yaml
from policies.cases import FactForm
from policies.decisions import Question
from policies.form import Form
from policies.outcomes import Ask


class Probe(Form):
    """One question in two languages, with the facts it is asked about."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str
    en: str
    ask: dict[Ask, str] = Field(min_length=1, max_length=1)
    facts: dict[str, FactForm]

    @property
    def question(self) -> Question:
        ask, about = next(iter(self.ask.items()))
        return Question(ask, about)


@cache
def probes() -> tuple[Probe, ...]:
    """All of them, in the order in which they are asked."""
    listed = strict_yaml.load(files("policies").joinpath("probes.yaml").read_text("utf-8"))
    return tuple(Probe.model_validate(probe) for probe in listed)
