"""The decision cases as GraphQL asks and answers them, beside the pure rules."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from policies import decisions
from policies.cases import Case, asked_profile, read_cases
from policies.decisions import Decision
from policies.outcomes import Origin
from policies.questions import decide
from tests.client import Client

FOLDER = Path(__file__).parents[1] / "cases"
CASES = [case for file in sorted(FOLDER.glob("*.yaml")) for case in read_cases(file.read_text("utf-8"))]
AS_PUBLISHED = [case for case in CASES if not case.changed and not case.settings]
CHANGED = [case for case in CASES if case.changed and not case.settings]
FILLED = [case for case in CASES if case.settings and not case.changed]
WHO_ASKS = {profile: f"{profile.lower()}-team-member" for profile in ("GD", "HN", "MZ", "SC", "TW")}
ASK = """
query ($question: QuestionInput!, $facts: JSON, $on: Date) {
  decide(question: $question, facts: $facts, on: $on) {
    outcome ask about on profile version warnings missing body
    steps { act mode count organs { id } }
    cites { rule clause quote profile version basis origin }
    gaps { what label state to rule }
    facts { name value }
    assumed { setting label value reading }
    filled { setting label value by on paper }
    alternatives { steps { act mode organs { id } } }
    progress { step waitingFor { id } may }
    lineUp { who { id } to { id } count asked { rule atLeast atMost } }
    duties { owed(first: 50) { rule outcome period object count lastDay } }
    consequences { undecided results { rule who { ...group } liability { id } measures { ...group } } }
    answerable { rule who { ...group } liability { id } }
    powers { holders { ...group } may { id } }
    measured { value of unit { id } reached }
    wordList { allowed { id } unlisted closed }
    validity { since until }
  }
}
fragment group on Parties { mode count terms { id } }
"""
# The field that shows each shape of a body; the steps of a route stand by themselves.
SHAPES = {
    "alternatives": "alternatives",
    "progress": "progress",
    "line_up": "lineUp",
    "duties": "duties",
    "consequences": "consequences",
    "answerable": "answerable",
    "powers": "powers",
    "measured": "measured",
    "word_list": "wordList",
    "validity": "validity",
}


def name(case: Case) -> str:
    return f"{case.profile} {case.case}"


def asked(client: Client, case: Case) -> dict[str, Any]:
    """The answer at the door, to the same question with the same facts on the same day."""
    ask, about = case.question.ask.name, case.question.about
    facts = travelling(case.facts)
    variables = {"question": {"ask": ask, "about": about}, "facts": facts, "on": str(case.on)}
    return dict(client.ask(ASK, variables, as_=WHO_ASKS[case.profile])["decide"])


def travelling(value: Any) -> Any:
    """As JSON carries it: half days as numbers, words and entries as lists."""
    if isinstance(value, dict):
        return {key: travelling(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [travelling(part) for part in value]
    return value if isinstance(value, bool | int | str) else float(value)


def typed(answer: dict[str, Any]) -> dict[str, Any]:
    """The typed bodies, taken out of the answer."""
    return {kind: answer.pop(name) for kind, name in SHAPES.items()}


def as_graphql(decision: Decision) -> dict[str, Any]:
    """The pure answer in the words of the schema: enums by name, everything else as the law has it."""
    data = decisions.as_data(decision)
    steps = [
        {
            "act": step.act.name,
            "mode": step.group.mode.name,
            "count": step.group.count,
            "organs": [{"id": term} for term in step.group.terms],
        }
        for step in decision.steps
    ]
    named = {"outcome": decision.outcome.name, "ask": decision.question.ask.name, "steps": steps}
    cites = [{**c, "basis": c["basis"].upper(), "origin": c["origin"].upper()} for c in data["cites"]]
    gaps = [{**gap, "state": gap["state"].upper()} for gap in data["gaps"]]
    del data["question"]
    return {**data, **named, "about": decision.question.about, "cites": cites, "gaps": gaps}


def pure(case: Case) -> Decision:
    decision = decide(asked_profile(case), case.question, case.facts, case.on)
    if case.profile != "GD":
        return decision
    # The county that the cases of the provincial opinion are asked in has every clause from above.
    inherited = [replace(cite, origin=Origin.INHERITED) for cite in decision.cites]
    return replace(decision, cites=tuple(inherited))
