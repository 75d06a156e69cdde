"""Conditions as sentences: 请假天数超过 3 天 / leave days more than 3 day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.conditions import Bound, Condition, Operand
from policies.profile import Profile
from policies.settings import Parameter
from policies.vocabulary import Fact, FactType

Language = Literal["zh", "en"]
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "equals": "为",
        "in": "为",
        "at_least": "不少于",
        "more_than": "超过",
        "at_most": "不超过",
        "less_than": "不足",
        "of_scale": "不低于",
        "and": "，且",
        "or": "，或",
        "not": "不是（{}）",
        "one_of": "或",
        "yes": "是",
        "no": "否",
        "share": "{whole}的 {number}%",
        "brackets": "（{}）",
        "colon": "：",
    },
    "en": {
        "equals": "is",
        "in": "is",
        "at_least": "at least",
        "more_than": "more than",
        "at_most": "at most",
        "less_than": "less than",
        "of_scale": "at least",
        "and": " and ",
        "or": " or ",
        "not": "not ({})",
        "one_of": " or ",
        "yes": "yes",
        "no": "no",
        "share": "{number} % of {whole}",
        "brackets": "({})",
        "colon": ": ",
    },
}


def phrase(condition: Condition, profile: Profile, lang: Language = "zh") -> str:
    """The condition as one sentence, in the words of the profile."""
    return _Speaker(profile, lang).all_of(condition)


def limits(bound: Bound, profile: Profile, unit: str | None = None, lang: Language = "zh") -> str:
    """A bound on a number that is no fact: 不少于 2 人，且不超过 5 人."""
    return _Speaker(profile, lang).limits(bound, None, unit)


@dataclass(frozen=True, slots=True)
class _Speaker:
    profile: Profile
    lang: Language

    def all_of(self, condition: Condition) -> str:
        return self._word("and").join(self._parts(condition))

    def _parts(self, condition: Condition) -> Iterator[str]:
        for name, bound in condition.bounds.items():
            yield self._bounded(name, bound)
        for part in condition.all:
            yield self._bracketed(part)
        if condition.any:
            said = self._word("or").join(self._bracketed(part) for part in condition.any)
            yield said if len(condition.any) == 1 or self._is_alone(condition) else self._in_brackets(said)
        if condition.negated:
            yield self._word("not").format(self.all_of(condition.negated))

    def _is_alone(self, condition: Condition) -> bool:
        return not (condition.bounds or condition.all or condition.negated)

    def _bracketed(self, part: Condition) -> str:
        said = list(self._parts(part))
        return said[0] if len(said) == 1 else self._in_brackets(self._word("and").join(said))

    def _in_brackets(self, said: str) -> str:
        return self._word("brackets").format(said)

    def _bounded(self, name: str, bound: Bound) -> str:
        fact = self.profile.vocabulary.facts.get(name)
        label = self._label(name)
        if bound.equals in (True, False) and isinstance(bound.equals, bool):
            return f"{label}{self._word('colon')}{self._word('yes' if bound.equals else 'no')}"
        gap = " " if self.lang == "en" else ""
        return f"{label}{gap}{self.limits(bound, fact, fact.unit if fact else None)}"

    def limits(self, bound: Bound, fact: Fact | None, unit: str | None) -> str:
        said = (self._limit(name, operands, bound, fact, unit) for name, operands in bound.limits.items())
        return self._word("and").join(said)

    def _limit(
        self, name: str, operands: tuple[Operand, ...], bound: Bound, fact: Fact | None, unit: str | None
    ) -> str:
        word = "of_scale" if fact and fact.scale and name == "at_least" else name
        said = self._word("one_of").join(self._operand(one, fact) for one in operands)
        if bound.percent_of:
            said = self._word("share").format(number=said, whole=self._label(bound.percent_of))
        elif unit:
            said = f"{said} {self.profile.vocabulary.label(unit, self.lang)}"
        gap = " " if self.lang == "en" or said[0].isdigit() else ""
        return f"{self._word(word)}{gap}{said}"

    def _operand(self, operand: Operand, fact: Fact | None) -> str:
        if isinstance(operand, Parameter):
            setting = self.profile.settings.get(operand.parameter)
            return f"“{setting.label if setting and self.lang == 'zh' else operand.parameter}”"
        if isinstance(operand, str) and (fact is None or fact.type is not FactType.DAY):
            return self.profile.vocabulary.label(operand, self.lang)
        return str(operand)

    def _label(self, name: str) -> str:
        fact = self.profile.vocabulary.facts.get(name)
        if self.lang == "en":
            return name.replace("_", " ")
        return fact.label if fact else self.profile.vocabulary.label(name)

    def _word(self, name: str) -> str:
        return _WORDS[self.lang][name]
