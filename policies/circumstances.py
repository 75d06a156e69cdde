"""What is known when a question is asked: the facts, the settings of the profile, and the day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from policies.decisions import RecordedValue
from policies.settings import Parameter, Setting, Value
from policies.vocabulary import Fact, FactType, Vocabulary, nearest

FactValue = bool | int | float | Decimal | str | date | Collection[str] | None
"""What a caller may give. None, and no words at all, are the same as not giving the fact."""


class UnknownFact(ValueError):
    """A fact that neither the common vocabulary nor the profile knows: a fault of the caller."""


class MistypedFact(ValueError):
    """A fact whose value is not of the fact's type, or not on its scale or step."""


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
    """The given facts in the one form in which they are judged and kept. Raises on a fault of the caller."""
    kept: dict[str, RecordedValue] = {}
    for name, value in facts.items():
        if (fact := vocabulary.facts.get(name)) is None:
            meant = nearest(name, vocabulary.facts)
            raise UnknownFact(f"unknown fact {name!r}" + (f", did you mean {meant!r}?" if meant else ""))
        if value is not None and (one := _RECORD[fact.type](name, fact, value, vocabulary)) != ():
            kept[name] = one
    return kept


def _truth(name: str, fact: Fact, value: FactValue, _: Vocabulary) -> RecordedValue:
    if not isinstance(value, bool):
        raise MistypedFact(f"{name} is true or false, not {value!r}")
    return value


def _number(name: str, fact: Fact, value: FactValue, _: Vocabulary) -> RecordedValue:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool | str) or not number.is_finite():
        raise MistypedFact(f"{name} is a number, not {value!r}")
    if fact.step is not None and (number < 0 or number % fact.step):
        raise MistypedFact(f"{name} is counted in steps of {fact.step}, not {value!r}")
    return int(number) if number == number.to_integral_value() else number


def _day(name: str, fact: Fact, value: FactValue, _: Vocabulary) -> RecordedValue:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError:
        raise MistypedFact(f"{name} is a day, not {value!r}") from None


def _words(name: str, fact: Fact, value: FactValue, vocabulary: Vocabulary) -> RecordedValue:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Collection) or not all(isinstance(word, str) for word in words):
        raise MistypedFact(f"{name} is a word or several, not {value!r}")
    if fact.scale and not set(words) <= set(vocabulary.scales[fact.scale]):
        raise MistypedFact(f"{name} is on the scale {fact.scale}, not {value!r}")
    if fact.many:
        return tuple(sorted(set(words)))
    if len(words) != 1:
        raise MistypedFact(f"{name} is one word, not {value!r}")
    return next(iter(words))


_RECORD = {
    FactType.TRUTH: _truth,
    FactType.NUMBER: _number,
    FactType.DAY: _day,
    FactType.TERM: _words,
}
