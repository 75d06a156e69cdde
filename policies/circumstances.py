"""What is known when a question is asked: the facts, the settings of the profile, and the day."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeGuard

from policies.decisions import RecordedValue
from policies.mistakes import MistypedFact, UnknownFact, UnknownWord, instead, shown
from policies.settings import Parameter, Setting, Value
from policies.vocabulary import Fact, FactType, Vocabulary

FactValue = bool | int | float | Decimal | str | date | Collection[str] | None
"""What a caller may give. None, and no words at all, are the same as not giving the fact."""

# The whole numbers that JSON carries exactly.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class Circumstances:
    facts: Mapping[str, RecordedValue]
    settings: Mapping[str, Setting]
    vocabulary: Vocabulary
    on: date

    def value_of(self, operand: Value | Parameter) -> Value | None:
        """The operand itself, or the setting it names; None when that setting is open."""
        if not isinstance(operand, Parameter):
            return operand
        setting = self.settings.get(operand.parameter)
        return setting.resolved(self.facts, self.on) if setting else None

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
        if value is not None and (one := _RECORD[fact.type](given)) != ():
            kept[name] = one
    return kept


def _unknown(name: str, vocabulary: Vocabulary) -> UnknownFact:
    zh, en = instead(name, {known: (fact.label,) for known, fact in vocabulary.facts.items()})
    return UnknownFact(f"没有 {shown(name)} 这项情况{zh}", f"unknown fact {shown(name)}{en}")


@dataclass(frozen=True, slots=True)
class _Given:
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
    if abs(number) > _LARGEST:
        raise given.mistyped(f"最大 {_LARGEST}", f"is at most {_LARGEST}")
    if given.fact.step is not None:
        _check_step(given, number, given.fact.step)
    return int(number) if number == number.to_integral_value() else number


def _exactly(value: FactValue) -> Decimal | None:
    """The number as it was written; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _check_least(given: _Given, number: Decimal, step: Decimal | int) -> None:
    """What is counted in steps is never negative."""
    least = given.fact.least or 0
    zh = f"最少 {given.counted(least)}，最小单位 {given.counted(step)}"
    en = f"at least {given.counted(least, 'en')}, in steps of {given.counted(step, 'en')}"
    if number < 0:
        raise given.mistyped(f"不能是负数：{zh}", f"cannot be negative: {en}")
    if number < least:
        raise given.mistyped(zh, f"is {en}")


def _check_step(given: _Given, number: Decimal, step: Decimal | int) -> None:
    if number % step:
        zh, en = given.counted(step), given.counted(step, "en")
        raise given.mistyped(f"最小单位是 {zh}", f"is counted in steps of {en}")


def _day(given: _Given) -> RecordedValue:
    if isinstance(given.value, date):
        return given.value.isoformat()
    if not isinstance(given.value, str) or not _is_day(given.value):
        raise given.mistyped("应是日期，如 2018-06-15", "is a day, such as 2018-06-15")
    return given.value


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _words(given: _Given) -> RecordedValue:
    words = [given.value] if isinstance(given.value, str) else given.value
    if not _are_words(words):
        raise given.mistyped("应是一个词或几个词的列表", "is a word or a list of words")
    if not given.fact.many and len(words) != 1:
        raise given.mistyped("只能是一个词", "is one word")
    for word in words:
        _check_word(given, word)
    return tuple(sorted(set(words))) if given.fact.many else next(iter(words))


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
}
