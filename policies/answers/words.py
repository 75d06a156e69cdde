"""Are these words allowed here? A closed list has no others; an open one (等) warns of others."""

from policies.answers.inquiry import Inquiry
from policies.bodies import WordList
from policies.decisions import Decision
from policies.findings import Finding
from policies.kinds.code_list import CodeList
from policies.outcomes import Outcome
from policies.profile import Profile


def concerned(profile: Profile, name: str) -> tuple[CodeList, ...]:
    return profile.about(name, CodeList)


def answer(inquiry: Inquiry) -> Decision:
    """Several lists of one name are one list; it is closed where one of them is."""
    lists = concerned(inquiry.profile, inquiry.question.about)
    if not lists:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(lists)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=lists)
    findings = [inquiry.speaks(one) for one in in_force]
    if unknown := [finding for finding in findings if finding.truth is None]:
        return inquiry.withheld(unknown, in_force)
    speaking = [one for one, finding in zip(in_force, findings, strict=True) if finding.truth]
    if not speaking:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force)
    words = inquiry.circumstances.known("words")
    if words.value is None:
        return inquiry.withheld([Finding(None, words.missing)], speaking)
    return _judged(inquiry, speaking, words.value)


def _judged(inquiry: Inquiry, lists: list[CodeList], words: tuple[str, ...]) -> Decision:
    allowed = tuple(dict.fromkeys(code for one in lists for code in one.codes))
    is_closed = any(one.closed for one in lists)
    unlisted = tuple(word for word in words if word not in allowed)
    too_many = len(words) > 1 and not all(one.combinable for one in lists)
    is_broken = too_many or (bool(unlisted) and is_closed)
    is_refused = is_broken and any(one.strength.refuses for one in lists)
    is_warned = not is_refused and (is_broken or bool(unlisted))
    return inquiry.answer(
        Outcome.DENY if is_refused else Outcome.WARN if is_warned else Outcome.ALLOW,
        rules=lists,
        facts=("words",),
        body=WordList(allowed, unlisted, is_closed),
        warnings=[one.id for one in lists] if is_warned else (),
    )
