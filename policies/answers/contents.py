"""Has a record in it what the document asks for?

Asked of one record when it is written down, apart from whether it is in time and whether one is owed: a
bulletin without a picture is none, on whatever day it comes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from policies.answers import duties
from policies.answers.inquiry import Inquiry
from policies.bodies import Validity
from policies.decisions import Decision, Question
from policies.outcomes import Ask, Outcome
from policies.profile import Profile


@dataclass(frozen=True, slots=True)
class Contained:
    """`lacking`: the contents that are asked for and are not there, by their words. The decision is met, or
    violated with the rules that ask for them; those that only warn stand in its `warnings`."""

    decision: Decision
    lacking: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether a rule that must be kept asks for what is lacking."""
        broken = {cite.rule for cite in self.decision.cites} if self.lacking else set()
        return bool(broken - set(self.decision.warnings))


def contained(profile: Profile, record: str, contents: Collection[str], on: date) -> Contained:
    """What the duties that a record of this kind serves say of its contents on a day.

    Raises UnknownSubject for what is neither a record nor an activity."""
    inquiry = Inquiry(profile, Question(Ask.DUTY, record), profile.circumstances({}, on))
    if not profile.holds_on(on):
        return Contained(
            inquiry.answer(Outcome.NOT_IN_FORCE, body=Validity(profile.first_day, profile.last_day))
        )
    asking = [rule for rule in inquiry.in_force(duties.concerned(profile, record)) if rule.contents]
    if not asking:
        return Contained(inquiry.silent())
    short = [rule for rule in asking if not set(rule.contents) <= set(contents)]
    if not short:
        return Contained(inquiry.answer(Outcome.MET, rules=asking))
    lacking = dict.fromkeys(word for rule in short for word in rule.contents if word not in contents)
    only_warn = [rule.id for rule in short if not rule.strength.refuses]
    return Contained(inquiry.answer(Outcome.VIOLATED, rules=short, warnings=only_warn), tuple(lacking))
