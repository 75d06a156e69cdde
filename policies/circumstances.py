"""What is known when a question is asked: the facts, the settings of the profile, and the day."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, TypeGuard

from policies.findings import NO_NAMES
from policies.mistakes import MistypedFact, UnknownFact, UnknownWord, instead, shown
from policies.outcomes import Event, RecordedValue
from policies.settings import Parameter, Setting, Value
from policies.vocabulary import Fact, FactType, Vocabulary

Entry = str | Mapping[str, Any] | Event
FactValue = bool | int | float | Decimal | str | date | Collection[Entry] | None
"""What a caller may give. None, and no words at all, are the same as not giving the fact; an empty history
says that nothing happened."""

# The whole numbers that JSON carries exactly.
_LARGEST = 2**53
# Twice a day for five years, or every household of a large township once. Measured: 4 µs each.
LONGEST_HISTORY = 4_000
DONE = "done"
"""The history of everything recorded: activities and records."""


class Known(NamedTuple):
    """What is known of a fact: its value, or what is missing for it: facts, and settings that nobody has
    set. `value` is None where it is unknown, and NOTHING where a share of nothing was asked for."""

    value: Any
    missing: frozenset[str] = NO_NAMES
    open: frozenset[str] = NO_NAMES


NOTHING = Fraction(-1, 2**64)
"""The rate of a whole that is zero: it reaches no threshold (TW-4.2-15)."""


class Derivation(Protocol):
    """How a number is made from facts."""

    def derive(self, circumstances: "Circumstances") -> Known: ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was made from facts is kept: a number or a history is asked for by many rules."""

    facts: Mapping[str, RecordedValue]
    settings: Mapping[str, Setting]
    vocabulary: Vocabulary
    on: date
    derived: Mapping[str, Derivation] = field(default_factory=dict)
    _made: dict[str, Known] = field(default_factory=dict, init=False, compare=False, repr=False)

    def known(self, name: str) -> Known:
        """A fact that was given, or the number that a metric makes."""
        if (value := self.facts.get(name)) is not None:
            return Known(value)
        if (derivation := self.derived.get(name)) is None:
            return Known(None, frozenset((name,)))
        if name not in self._made:
            self._made[name] = derivation.derive(self)
        return self._made[name]

    def history(self, name: str) -> Known:
        """The entries of a history; of an activity or a record, those among what was done."""
        if name in self.vocabulary.facts:
            return self.known(name)
        done = self.known(DONE)
        if not isinstance(done.value, tuple):
            return done
        entries = [entry for entry in done.value if isinstance(entry, Event)]
        named = {one for one in {entry.name for entry in entries} if name in self.vocabulary.widen([one])}
        return Known(tuple(entry for entry in entries if entry.name in named))

    def value_of(self, operand: Value | Parameter) -> Value | None:
        """The operand itself, or the setting it names; None when that setting is open."""
        if not isinstance(operand, Parameter):
            return operand
        setting = self.settings.get(operand.parameter)
        return setting.resolved(self.facts, self.on) if setting else None

    def setting(self, given: Any) -> Known:
        """What stands in a rule, or the setting that it names; unknown where nobody has set it."""
        value = self.value_of(given)
        return Known(None, open=frozenset((given.parameter,))) if value is None and given else Known(value)

    def knows(self, setting: str) -> bool:
        return self.value_of(Parameter(parameter=setting)) is not None


def recorded(facts: Mapping[str, FactValue], vocabulary: Vocabulary) -> dict[str, RecordedValue]:
    """The given facts in the one form in which they are judged and kept.

    Raises UnknownFact, UnknownWord or MistypedFact: a fact that cannot be meant is the caller's fault.
    """
    kept: dict[str, RecordedValue] = {}
    for name, value in facts.items():
        if (fact := vocabulary.facts.get(name)) is None:
            raise _unknown(name, vocabulary)
        given = _Given(name, fact, value, vocabulary)
        if value is not None and ((one := _RECORD[fact.type](given)) != () or fact.type is FactType.HISTORY):
            kept[name] = one
    return kept


def _unknown(name: str, vocabulary: Vocabulary) -> UnknownFact:
    zh, en = instead(name, {known: (fact.label,) for known, fact in vocabulary.facts.items()})
    return UnknownFact(f"没有 {shown(name)} 这项情况{zh}", f"unknown fact {shown(name)}{en}")


class _Given(NamedTuple):
    """What the caller gave for one fact."""

    name: str
    fact: Fact
    value: FactValue
    vocabulary: Vocabulary

    def mistyped(self, zh: str, en: str) -> MistypedFact:
        value = shown(self.value)
        return MistypedFact(f"{self.title}{zh}，收到 {value}", f"{self.name} {en} (given {value})")

    @property
    def title(self) -> str:
        return f"{self.name}（{self.fact.label}）"

    def counted(self, number: Decimal | int, lang: str = "zh") -> str:
        """The number with the unit of the fact: 0.5 天."""
        unit = self.fact.unit
        return f"{number} {self.vocabulary.label(unit, lang)}" if unit else str(number)


def _truth(given: _Given) -> RecordedValue:
    if not isinstance(given.value, bool):
        raise given.mistyped("应是 true 或 false", "is true or false")
    return given.value


def _number(given: _Given) -> RecordedValue:
    number = _exactly(given.value)
    if number is None:
        raise given.mistyped("应是数字", "is a number")
    if given.fact.step is not None:
        _check_least(given, number, given.fact.step)
    if not -_LARGEST <= number <= _LARGEST:
        raise given.mistyped(f"最大 {_LARGEST}", f"is at most {_LARGEST}")
    if given.fact.step is not None:
        _check_step(given, number, given.fact.step)
    return _plain(number)


def _plain(number: Decimal | int) -> Decimal | int:
    return int(number) if number == int(number) else number


def _exactly(value: FactValue) -> Decimal | int | None:
    """The number as it was written; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return value
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _check_least(given: _Given, number: Decimal | int, step: Decimal | int) -> None:
    """What is counted in steps is never negative."""
    least = given.fact.least or 0
    if number >= least:
        return
    zh = f"最少 {given.counted(least)}，最小单位 {given.counted(step)}"
    en = f"at least {given.counted(least, 'en')}, in steps of {given.counted(step, 'en')}"
    if number < 0:
        raise given.mistyped(f"不能是负数：{zh}", f"cannot be negative: {en}")
    raise given.mistyped(zh, f"is {en}")


def _check_step(given: _Given, number: Decimal | int, step: Decimal | int) -> None:
    if number % step:
        zh, en = given.counted(step), given.counted(step, "en")
        raise given.mistyped(f"最小单位是 {zh}", f"is counted in steps of {en}")


def _day(given: _Given) -> RecordedValue:
    if (day := _written_day(given.value)) is None:
        raise given.mistyped("应是日期，如 2018-06-15", "is a day, such as 2018-06-15")
    return day.isoformat()


def _written_day(value: object) -> date | None:
    """None for what is no day, and for the other spellings of one that the standard knows."""
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == value else None


def _words(given: _Given) -> RecordedValue:
    words = [given.value] if isinstance(given.value, str) else given.value
    if not _are_words(words):
        raise given.mistyped("应是一个词或几个词的列表", "is a word or a list of words")
    if not given.fact.many and len(words) != 1:
        raise given.mistyped("只能是一个词", "is one word")
    for word in words:
        _check_word(given, word)
    return tuple(sorted(set(words))) if given.fact.many else next(iter(words))


def _history(given: _Given) -> RecordedValue:
    """Oldest first. A plain word is an entry of that name: `[error, correct]`."""
    listed = given.value
    if isinstance(listed, str | Mapping) or not isinstance(listed, Collection):
        raise given.mistyped("应是一个列表", "is a list")
    if len(listed) > LONGEST_HISTORY:
        raise given.mistyped(f"最多 {LONGEST_HISTORY} 条", f"has at most {LONGEST_HISTORY} entries")
    events = [_event(given, entry) for entry in listed]
    if not given.fact.free:
        for name in dict.fromkeys([event.name for event in events]):
            _check_word(given, name)
    return tuple(sorted(events, key=lambda event: event.on or date.min))


def _event(given: _Given, entry: object) -> Event:
    written = {"is": entry} if isinstance(entry, str) else entry
    if isinstance(entry, Event):
        return entry
    if not isinstance(written, Mapping) or not isinstance(name := written.get("is"), str):
        raise given.mistyped(
            '每一条是一个词，或 {"is": 词, "on": 日期, …}',
            'has entries such as {"is": "work_log", "on": "2018-06-15"}',
        )
    parts = dict[str, Any]()
    for key, value in written.items():
        if key in _ENTRY:
            parts[key] = _ENTRY[key](given, value)
        elif key != "is":
            raise given.mistyped(f"没有 {shown(key)} 这一项", f"has no key {shown(key)}")
    return Event(name, **parts)


def _entry_day(given: _Given, value: object) -> date:
    if (day := _written_day(value)) is None:
        raise given.mistyped("的日期应写作 2018-06-15", "has days such as 2018-06-15")
    return day


def _entry_name(given: _Given, value: object) -> str:
    if not isinstance(value, str):
        raise given.mistyped("的 object、by 应是一个词", "has words for object and by")
    return value


def _entry_amount(given: _Given, value: object) -> int | Decimal:
    number = _exactly(value) if isinstance(value, int | float | Decimal) else None
    if number is None or not 0 <= number <= _LARGEST:
        raise given.mistyped("的 amount 应是不小于 0 的数", "has amounts of 0 or more")
    return _plain(number)


def _entry_contents(given: _Given, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not _are_words(value):
        raise given.mistyped("的 contents 应是词的列表", "has a list of words as contents")
    return tuple(value)


def _entry_step(given: _Given, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise given.mistyped("的 step 从 1 起", "has steps from 1")
    return value


_ENTRY: Mapping[str, Callable[[_Given, object], Any]] = {
    "on": _entry_day,
    "until": _entry_day,
    "object": _entry_name,
    "by": _entry_name,
    "amount": _entry_amount,
    "contents": _entry_contents,
    "step": _entry_step,
}


def _are_words(value: FactValue) -> TypeGuard[Collection[str]]:
    """An object {word: …} is no list of words, although its names are."""
    if isinstance(value, Mapping) or not isinstance(value, Collection):
        return False
    return all(isinstance(word, str) for word in value)


def _check_word(given: _Given, word: str) -> None:
    """A word of the vocabulary, or of the fact's scale. That the document does not use it is no fault."""
    vocabulary, scale = given.vocabulary, given.fact.scale
    if word not in (vocabulary.scales[scale] if scale else vocabulary):
        known = vocabulary.scales[scale] if scale else vocabulary.words
        zh, en = instead(word, vocabulary.names(known))
        raise UnknownWord(
            f"{given.title}里没有 {shown(word)} 这个词{zh}", f"{given.name}: unknown word {shown(word)}{en}"
        )


_RECORD: Mapping[FactType, Callable[[_Given], RecordedValue]] = {
    FactType.TRUTH: _truth,
    FactType.NUMBER: _number,
    FactType.DAY: _day,
    FactType.TERM: _words,
    FactType.HISTORY: _history,
}
