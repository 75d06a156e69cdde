"""What is known when a question is asked: the facts, the settings of the profile, and the day."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

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
            zh, en = instead(name, {known: (fact.label,) for known, fact in vocabulary.facts.items()})
            raise UnknownFact(f"没有 {shown(name)} 这个事实{zh}", f"unknown fact {shown(name)}{en}")
        if value is not None and (one := _RECORD[fact.type](_Given(name, fact, value), vocabulary)) != ():
            kept[name] = one
    return kept


@dataclass(frozen=True, slots=True)
class _Given:
    name: str
    fact: Fact
    value: FactValue

    def mistyped(self, zh: str, en: str) -> MistypedFact:
        value = shown(self.value)
        return MistypedFact(f"{self.title}{zh}，收到 {value}", f"{self.name} {en} (given {value})")

    @property
    def title(self) -> str:
        return f"{self.name}（{self.fact.label}）"


def _truth(given: _Given, _: Vocabulary) -> RecordedValue:
    if not isinstance(given.value, bool):
        raise given.mistyped("只能是 true 或 false", "is true or false")
    return given.value


def _number(given: _Given, words: Vocabulary) -> RecordedValue:
    number = _exactly(given.value)
    if number is None:
        raise given.mistyped("应是数字", "is a number")
    _check_steps(given, number, words)
    return int(number) if number == number.to_integral_value() else number


def _exactly(value: FactValue) -> Decimal | None:
    """The number that was written; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _check_steps(given: _Given, number: Decimal, words: Vocabulary) -> None:
    """Whether it is a number that the fact can have: what is counted is not negative and comes in steps."""
    step, least = given.fact.step, given.fact.least or 0
    if step is not None and number < least:
        below_zero = number < 0
        (least_zh, least_en), (step_zh, step_en) = (_amount(n, given.fact, words) for n in (least, step))
        raise given.mistyped(
            f"{'不能是负数，' if below_zero else ''}最少 {least_zh}，每 {step_zh}一档",
            f"{'cannot be negative: ' if below_zero else 'is '}at least {least_en}, in steps of {step_en}",
        )
    if abs(number) > _LARGEST:
        raise given.mistyped(f"最大 {_LARGEST}", f"is at most {_LARGEST}")
    if step is not None and number % step:
        step_zh, step_en = _amount(step, given.fact, words)
        raise given.mistyped(f"应是 {step_zh}的整数倍", f"is counted in steps of {step_en}")


def _amount(number: Decimal | int, fact: Fact, words: Vocabulary) -> tuple[str, str]:
    """A number with the fact's unit, in Chinese and in English."""
    if fact.unit is None:
        return f"{number} ", f"{number}"
    return f"{number} {words.label(fact.unit)}", f"{number} {words.label(fact.unit, 'en')}"


def _day(given: _Given, _: Vocabulary) -> RecordedValue:
    if isinstance(given.value, date):
        return given.value.isoformat()
    try:
        if isinstance(given.value, str) and date.fromisoformat(given.value).isoformat() == given.value:
            return given.value
    except ValueError:
        pass
    raise given.mistyped("应是日期，如 2018-06-15", "is a day, such as 2018-06-15")


def _words(given: _Given, vocabulary: Vocabulary) -> RecordedValue:
    words = [given.value] if isinstance(given.value, str) else given.value
    if not _are_words(words):
        raise given.mistyped('应是一个词，或词的列表 ["…"]', 'is a word, or a list of words ["…"]')
    if not given.fact.many and len(words) != 1:
        raise given.mistyped("只能有一个词", "is one word")
    _check_words(given, words, vocabulary)
    return tuple(sorted(set(words))) if given.fact.many else next(iter(words))
