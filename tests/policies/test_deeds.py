"""What was done is found by day and object, counted in one pass, and judged within a bound."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest

from policies.answers.duties import MOST_OWED
from policies.bodies import Duties
from policies.calendar import Window
from policies.circumstances import LONGEST_HISTORY
from policies.decisions import Decision, Question
from policies.deeds import Deeds
from policies.mistakes import MistypedFact
from policies.outcomes import Ask, Event, Outcome
from policies.profile import Profile
from policies.questions import decide
from policies.reading import read_profile
from policies.reckoning import counted, reached_on
from tests.timing import quickest

FIRST = date(2018, 1, 1)
JANUARY = Window("2018-01", FIRST, date(2018, 1, 31))
VISITS = Question(Ask.DUTY, "village_visit")


def visit(day: int, **more: object) -> Event:
    return Event("village_visit", FIRST + timedelta(days=day), **more)  # type: ignore[arg-type]


def written(rule: str, *others: str) -> Profile:
    """A profile of duties, in force for decades."""
    head = "id: X\ntitle: 示例\nissuers: 县\nlevel: county\nsince: '1990-01-01'\nreviewed_on: '2026-01-01'\n"
    rules = [f"- {{id: X-{n}, clause: 一, quote: 走访, {one}}}\n" for n, one in enumerate((rule, *others))]
    return read_profile(head + "rules:\n" + "".join(rules))


VISIT = "kind: duty, who: unit_leader, does: village_visit"


def asked(profile: Profile, on: date, **facts: object) -> Decision:
    span = {"who": ["unit_leader"], "from": "2018-01-01", "to": "2099-12-31"}
    return decide(profile, VISITS, span | facts, on)  # type: ignore[arg-type]


def owed(decision: Decision) -> list[Outcome]:
    assert isinstance(decision.body, Duties)
    return [one.outcome for one in decision.body.owed]


@pytest.mark.parametrize(
    ("unit", "events", "count"),
    [
        ("person_visit", [visit(0, by="a"), visit(0, by="a"), visit(0, by="b"), visit(1, by="a")], 3),
        ("day", [visit(0, amount=3), visit(1), visit(2, until=date(2018, 1, 4)), visit(9)], 5),
        ("day", [visit(0, until=date(2018, 1, 10)), visit(3, until=date(2018, 1, 5))], 10),
        ("day", [visit(5, until=date(2018, 1, 2)), visit(6)], 1),
        ("household", [visit(0, object="h1"), visit(1, object="h2"), visit(2, object="h1")], 2),
        ("household", [visit(0, amount=2), visit(1)], 3),
        ("occurrence", [visit(0, amount=Decimal("0.5")), visit(1)], Decimal("1.5")),
        ("occurrence", [], 0),
    ],
)
def test_deeds_are_counted_in_their_unit(unit: str, events: list[Event], count: int | Decimal) -> None:
    assert counted(events, unit) == count


def test_the_day_on_which_enough_was_there() -> None:
    events = [visit(0, by="a"), visit(0, by="a"), visit(2, by="a"), visit(3, by="a")]

    assert reached_on(events, "person_visit", 2) == date(2018, 1, 3)
    assert reached_on(events, "person_visit", 4) is None


def test_deeds_are_those_of_a_period_and_of_an_object() -> None:
    deeds = Deeds([visit(0, object="v1"), visit(30, object="v2"), visit(31, object="v1")])

    assert deeds.within(JANUARY) == deeds.serving[:2]
    assert [event.on for event in deeds.of("v1").within(JANUARY)] == [FIRST]
    assert deeds.of("v3").within(JANUARY) == ()
    assert deeds.within(None) == deeds.serving


def test_a_deed_without_a_day_belongs_to_no_period() -> None:
    deeds = Deeds([Event("village_visit")])

    assert deeds.within(None) == deeds.serving
    with pytest.raises(MistypedFact):
        deeds.within(JANUARY)


@pytest.mark.parametrize(
    ("leave", "excused"),
    [
        ([visit(-5, until=date(2018, 2, 5))], True),
        ([visit(-5, until=date(2018, 2, 5)), visit(-1)], True),
        ([visit(0, until=date(2018, 1, 31))], True),
        ([visit(1, until=date(2018, 2, 5))], False),
        ([visit(-5, until=date(2018, 1, 30))], False),
        ([visit(-5, until=date(2018, 1, 15)), visit(10, until=date(2018, 2, 5))], False),
        ([], False),
    ],
)
def test_only_one_whole_stretch_excuses(leave: list[Event], excused: bool) -> None:
    assert Deeds([], leave).excuse(JANUARY) is excused


def test_leave_excuses_from_every_object_and_an_objects_own_from_that_one() -> None:
    away = visit(-5, until=date(2018, 2, 5))

    assert Deeds([], [away]).of("v1").excuse(JANUARY)
    of_one = Deeds([], [Event("closed", away.on, away.until, object="v1")])
    assert of_one.of("v1").excuse(JANUARY)
    assert not of_one.of("v2").excuse(JANUARY)


def test_a_duty_for_each_object_is_excused_by_leave() -> None:
    profile = written(f"{VISIT}, for_each: helped_village, per: month, excused_by: leave")
    leave = {"is": "leave", "on": "2017-12-20", "until": "2018-02-10"}

    decision = asked(profile, date(2018, 3, 15), objects=["v1", "v2"], done=[leave])

    assert owed(decision) == [Outcome.EXCUSED, Outcome.VIOLATED, Outcome.NOT_YET_DUE] * 2


def test_what_is_judged_at_once_is_bounded_over_all_rules() -> None:
    daily = f"{VISIT}, per: day"
    last = FIRST + timedelta(days=MOST_OWED - 1)

    assert len(owed(asked(written(daily), last, done=[]))) == MOST_OWED
    with pytest.raises(MistypedFact, match=str(MOST_OWED)):
        asked(written(daily), last + timedelta(days=1), done=[])
    with pytest.raises(MistypedFact, match=str(MOST_OWED)):
        asked(written(daily, daily), last, done=[])


HALF_A_SECOND = 0.5  # ten times what was measured, so that a busy machine does not fail it
MANY = LONGEST_HISTORY


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        (f"{VISIT}, per: day", {"done": [{"is": "village_visit", "on": "2018-01-01"}] * MANY}),
        (
            f"{VISIT}, per: year, counted: day, count: {{at_least: 20}}",
            {"done": [{"is": "village_visit", "on": "2018-01-01", "until": "2099-01-01"}] * MANY},
        ),
        (
            f"{VISIT}, per: year, count: {{at_least: {MANY}}}",
            {"done": [{"is": "village_visit", "on": "2018-01-01", "amount": 0.5}] * MANY},
        ),
        (
            f"{VISIT}, per: year, counted: household, count: {{at_least: 2}}",
            {"done": [{"is": "village_visit", "on": "2018-01-01", "object": "h"}] * MANY},
        ),
        (
            f"{VISIT}, per: day, excused_by: leave",
            {"done": [{"is": "leave", "on": "2018-01-01"}] * MANY},
        ),
        (
            f"{VISIT}, for_each: helped_village, per: quarter",
            {
                "objects": [f"v{n}" for n in range(MANY)],
                "done": [{"is": "village_visit", "on": "2018-01-01", "object": f"v{n}"} for n in range(MANY)],
            },
        ),
    ],
)
def test_the_longest_histories_are_judged_or_refused_quickly(rule: str, facts: dict[str, object]) -> None:
    profile, day = written(rule), FIRST + timedelta(days=MOST_OWED - 1)

    def judged() -> None:
        with suppress(MistypedFact):
            asked(profile, day, **facts)

    assert quickest(judged, times=3) < HALF_A_SECOND
