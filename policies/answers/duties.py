"""Is what is owed done, in each period and for each object?

A period is owed only if the subject, the object and the rule were there throughout it (A-33): the facts
`from` and `to` say how long the subject was, an object's `on` and `until` how long it was. What is owed is
due on the last day of its period unless the rule sets another. Done in time is met, done later is met late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from policies.answers.inquiry import Inquiry
from policies.bodies import Duties, Owed
from policies.calendar import CALENDAR_PERIODS, Window, window, windows
from policies.circumstances import DONE
from policies.decisions import Decision, Question
from policies.deeds import Deeds
from policies.findings import TRUE, Finding, union
from policies.form import as_day
from policies.kinds.duty import WEEKDAYS, Duty, Until
from policies.kinds.rule import Strength
from policies.mistakes import TooMuch
from policies.outcomes import Ask, Event, Outcome
from policies.profile import Profile
from policies.reckoning import counted, reached_on

# Days of six years for one, or the quarters of six years for a hundred. Measured: 10 to 20 µs each.
MOST_OWED = 2_500
_WORST_FIRST = (
    Outcome.VIOLATED,
    Outcome.DUE,
    Outcome.MET_LATE,
    Outcome.NOT_YET_DUE,
    Outcome.MET,
    Outcome.EXCUSED,
    Outcome.NOT_APPLICABLE,
)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 12, 31)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one rule asks for on this day, with its settings looked up."""

    rule: Duty
    per: str | None
    due_day: date | None
    at_least: int | None
    at_most: int | None


def concerned(profile: Profile, about: str) -> tuple[Duty, ...]:
    """The duties that this activity or record serves: by its own name, or a wider one."""
    words = profile.vocabulary.widen([about])
    return profile.in_order(rule for word in words for rule in profile.about(word, Duty))


def answer(inquiry: Inquiry) -> Decision:
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    heard = [(rule, inquiry.speaks(rule)) for rule in in_force]
    if unknown := [finding for _, finding in heard if finding.truth is None]:
        return inquiry.withheld(unknown, in_force)
    speaking = [rule for rule, finding in heard if finding.truth]
    if not speaking:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force)
    wanted = [_wanted(inquiry, rule) for rule in speaking]
    if any(finding.truth is None for finding in wanted):
        return inquiry.withheld(wanted, speaking)
    owed = (one for rule in speaking for one in _owed(inquiry, _terms(inquiry, rule)))
    judged = tuple(islice(owed, MOST_OWED + 1))
    if len(judged) > MOST_OWED:
        raise TooMuch(
            f"一次最多判断 {MOST_OWED} 项，请缩短起止日期或减少对象",
            f"at most {MOST_OWED} can be judged at once: ask for fewer days or objects",
        )
    return _summed_up(inquiry, speaking, judged)


def _summed_up(inquiry: Inquiry, rules: list[Duty], owed: tuple[Owed, ...]) -> Decision:
    """The worst of what is owed is the outcome; the rules cited are those that gave it."""
    outcomes = {one.outcome for one in owed} or {Outcome.NOT_APPLICABLE}
    worst = next(outcome for outcome in _WORST_FIRST if outcome in outcomes)
    giving = {one.rule for one in owed if one.outcome is worst}
    broken = {one.rule for one in owed if one.outcome is Outcome.VIOLATED}
    return inquiry.answer(
        worst,
        rules=[rule for rule in rules if rule.id in giving] or rules,
        body=Duties(owed),
        warnings=[rule.id for rule in rules if rule.id in broken and not rule.strength.refuses],
    )


def _wanted(inquiry: Inquiry, rule: Duty) -> Finding:
    """What belongs to the question, and the numbers that the rule names."""
    due = rule.due
    given: list[object] = [None if isinstance(rule.per, Until) else rule.per]
    given += [due.by, due.before, due.days] if due else []
    known = [inquiry.circumstances.setting(one) for one in given]
    known += [inquiry.circumstances.known(name) for name in sorted(belonging(rule))]
    unset = frozenset(name for name in rule.count.parameters if not inquiry.circumstances.knows(name))
    missing = union(one.missing for one in known)
    unset |= union(one.open for one in known)
    return Finding(None, missing, unset) if missing or unset else TRUE


def belonging(rule: Duty) -> set[str]:
    """The facts without which the duty is not even asked after."""
    wanted = {DONE} | ({"objects"} if rule.for_each else set()) | ({"from", "to"} if rule.per else set())
    if rule.due and rule.due.after:
        wanted.add(rule.due.after)
    return wanted | ({rule.per.until} if isinstance(rule.per, Until) else set())


def _terms(inquiry: Inquiry, rule: Duty) -> _Terms:
    per = rule.per.until if isinstance(rule.per, Until) else inquiry.circumstances.setting(rule.per).value
    lowest, highest = rule.count.whole_numbers(inquiry.circumstances)
    return _Terms(rule, per, _due_day(inquiry, rule), lowest, highest)


def _due_day(inquiry: Inquiry, rule: Duty) -> date | None:
    """The one day by which it is due, where the rule sets one that is no day of a period."""
    due, day = rule.due, inquiry.profile.day
    if due is None:
        return None
    if due.before is not None:
        return _earlier(day(due.before))
    if due.after:
        after = as_day(inquiry.circumstances.known(due.after).value)
        days = int(inquiry.circumstances.setting(due.days).value)
        return after + timedelta(days=days) if after else None
    return day(due.by)


def _earlier(day: date | None) -> date | None:
    return day - timedelta(days=1) if day else None


def in_force(profile: Profile, on: date) -> list[Duty]:
    """The duties that hold on a day, in the order of the document."""
    rules = tuple(profile.of_kind(Duty))
    return _inquiry(profile, rules[0], on).in_force(rules) if rules and profile.holds_on(on) else []


def dated(profile: Profile, rule: Duty, on: date) -> tuple[Window | None, date | None]:
    """The calendar period in which a day lies, and the last day in time for it. None where there is none,
    where it hangs on an event, and where the number is open."""
    inquiry = _inquiry(profile, rule, on)
    per = None if isinstance(rule.per, Until) else inquiry.circumstances.setting(rule.per).value
    period = None
    if per in CALENDAR_PERIODS:
        period = window(str(per), on, max(_first_day(inquiry, rule), _EARLIEST))
    due_day = None if rule.due and rule.due.after else _due_day(inquiry, rule)
    return period, _deadline(_Terms(rule, per, due_day, None, None), period)


def _inquiry(profile: Profile, rule: Duty, on: date) -> Inquiry:
    question = Question(Ask.DUTY, rule.does.terms[0])
    return Inquiry(profile, question, profile.circumstances({}, on))


def _owed(inquiry: Inquiry, terms: _Terms) -> Iterator[Owed]:
    deeds = _deeds(inquiry, terms.rule)
    for one in _objects(inquiry) if terms.rule.for_each else (None,):
        own = deeds.of(one.name) if one else deeds
        for period in _periods(inquiry, terms, one):
            yield _judged(inquiry, terms, one.name if one else None, period, own)


def _deeds(inquiry: Inquiry, rule: Duty) -> Deeds:
    """What was done by the day asked that serves the rule, and what excuses from it."""
    on, words = inquiry.circumstances.on, inquiry.circumstances.vocabulary
    done = inquiry.circumstances.facts[DONE]
    entries = [entry for entry in done if isinstance(entry, Event)] if isinstance(done, tuple) else []
    wide = {name: words.widen([name]) for name in {entry.name for entry in entries}}
    does, excused_by = frozenset(rule.does.terms), rule.excused_by
    serving = [one for one in entries if wide[one.name] & does and (one.on is None or one.on <= on)]
    excusing = [one for one in entries if one.on and excused_by in wide[one.name]] if excused_by else []
    return Deeds(serving, excusing)


def _objects(inquiry: Inquiry) -> tuple[Event, ...]:
    objects = inquiry.circumstances.facts["objects"]
    return tuple(one for one in objects if isinstance(one, Event)) if isinstance(objects, tuple) else ()


def _periods(inquiry: Inquiry, terms: _Terms, one: Event | None) -> Iterator[Window | None]:
    """The periods that are owed and have begun; the next one where none has. None: it is owed once."""
    if terms.per is None:
        yield None
        return
    since, until = _span(inquiry, terms, one)
    if terms.per not in CALENDAR_PERIODS:
        yield Window(str(terms.per), since, until)
        return
    has_begun = False
    anchor = max(_first_day(inquiry, terms.rule), _EARLIEST)
    for period in windows(terms.per, since, until, anchor):
        if period.first > inquiry.circumstances.on and has_begun:
            return
        yield period
        if period.first > inquiry.circumstances.on:
            return
        has_begun = True


def _span(inquiry: Inquiry, terms: _Terms, one: Event | None) -> tuple[date, date]:
    """The days through which subject, object and rule are all there."""
    given = [as_day(inquiry.circumstances.facts[name]) for name in ("from", "to")]
    begins = [given[0], _first_day(inquiry, terms.rule), one.on if one else None]
    ends = [given[1], one.until if one else None]
    if isinstance(terms.rule.per, Until):
        ends.append(as_day(inquiry.circumstances.known(terms.rule.per.until).value))
    else:
        ends += [inquiry.profile.last_day, inquiry.profile.day(terms.rule.until)]
    since = max(day for day in begins if day)
    return max(since, _EARLIEST), min(min(day for day in ends if day), _LATEST)


def _first_day(inquiry: Inquiry, rule: Duty) -> date:
    return inquiry.profile.day(rule.since) or inquiry.profile.first_day


def _judged(inquiry: Inquiry, terms: _Terms, object: str | None, period: Window | None, deeds: Deeds) -> Owed:
    rule, on = terms.rule, inquiry.circumstances.on
    deadline = _deadline(terms, period)
    serving = deeds.within(period)
    complete = [event for event in serving if set(rule.contents) <= set(event.contents)]
    count = counted(complete, rule.counted)
    lacking = sorted({word for event in serving for word in rule.contents if word not in event.contents})
    outcome = _outcome(terms, deadline, on, complete, count)
    if outcome in (Outcome.VIOLATED, Outcome.DUE) and period and deeds.excuse(period):
        outcome = Outcome.EXCUSED
    return Owed(
        rule=rule.id,
        outcome=outcome,
        period=period.label if period else None,
        since=period.first if period else None,
        last_day=deadline,
        object=object,
        count=count,
        at_least=terms.at_least,
        at_most=terms.at_most,
        lacking=tuple(lacking) if len(complete) < len(serving) else (),
    )


def _deadline(terms: _Terms, period: Window | None) -> date | None:
    """The last day on which it is in time, that day included."""
    due = terms.rule.due
    if period is None or terms.due_day is not None:
        return terms.due_day
    if due and due.day_of_month:
        last = period.last
        return last.replace(day=min(due.day_of_month, last.day))
    if due and due.weekdays:
        days = (period.last - timedelta(days=back) for back in range(7))
        return next(day for day in days if WEEKDAYS[day.weekday()] in due.weekdays)
    return period.last


def _outcome(
    terms: _Terms, deadline: date | None, on: date, complete: list[Event], count: int | Decimal
) -> Outcome:
    if terms.at_most is not None and count > terms.at_most:
        return Outcome.VIOLATED
    if terms.at_least is None or count >= terms.at_least:
        reached = reached_on(complete, terms.rule.counted, terms.at_least or 0)
        return Outcome.MET_LATE if reached and deadline and reached > deadline else Outcome.MET
    if terms.rule.strength in (Strength.MAY, Strength.ENCOURAGED):
        return Outcome.NOT_APPLICABLE
    if deadline is None or on == deadline:
        return Outcome.DUE
    return Outcome.VIOLATED if on > deadline else Outcome.NOT_YET_DUE
