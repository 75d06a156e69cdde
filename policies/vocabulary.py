"""The words that rules and facts are made of: the common ones, and those a profile adds."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import Field

from policies import strict_yaml
from policies.form import Form, Words


class Category(StrEnum):
    ROLE = "role"
    ORGAN = "organ"
    RELATION = "relation"
    RANK = "rank"
    TEAM = "team"
    RECORD = "record"
    ACTIVITY = "activity"
    ACT = "act"
    MATTER = "matter"
    SITUATION = "situation"
    MEASURE = "measure"
    LIABILITY = "liability"
    ATTRIBUTE = "attribute"
    UNIT = "unit"
    METRIC = "metric"
    POWER = "power"
    LIST = "list"
    EVENT = "event"
    FIELD = "field"


# In Chinese and in English, in the order in which they are listed for readers.
CATEGORY_NAMES: Mapping[Category, tuple[str, str]] = {
    Category.ROLE: ("人员身份", "roles"),
    Category.ORGAN: ("机构", "organs"),
    Category.RELATION: ("关系机构", "relations"),
    Category.TEAM: ("队伍", "teams"),
    Category.ACT: ("事项", "acts"),
    Category.ACTIVITY: ("活动", "activities"),
    Category.RECORD: ("记录与材料", "records"),
    Category.FIELD: ("记录的内容", "fields"),
    Category.EVENT: ("结果", "events"),
    Category.MATTER: ("责任事项", "matters"),
    Category.LIABILITY: ("责任类别", "liabilities"),
    Category.POWER: ("权限", "powers"),
    Category.SITUATION: ("情形", "situations"),
    Category.MEASURE: ("措施", "measures"),
    Category.LIST: ("列表", "lists"),
    Category.METRIC: ("指标", "metrics"),
    Category.ATTRIBUTE: ("属性", "attributes"),
    Category.RANK: ("职级", "ranks"),
    Category.UNIT: ("计量单位", "units"),
}


class Term(Form):
    """A word of the documents.

    `includes` are the narrower words that this one stands for, `why` is the reason. `level` is where
    an organ sits (county, township, village, unit …). `reached_by` is the relation through which a
    term of category relation is resolved: the unit of the applicant's post, and so on. `permission` is
    what a power means on this platform, in `noun.verb`, where it means anything yet.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    label_en: str = ""
    category: Category
    also: Words = ()
    includes: Words = ()
    why: str = ""
    level: str | None = None
    reached_by: str | None = None
    permission: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.label, self.label_en, *self.also) if name)


class FactType(StrEnum):
    TRUTH = "truth"
    NUMBER = "number"
    TERM = "term"
    DAY = "day"
    HISTORY = "history"  # what was done or found, oldest first


class Fact(Form):
    """What a condition may ask about. `source` is the noun that supplies it, or `entered`. `of`: the
    categories of the words that it may be.

    A number with a `step` is counted: never negative, and no less than `least`. The names of a `free`
    history are the caller's own ids, not words of the vocabulary.
    """

    label: str
    type: FactType
    unit: str | None = None
    step: Decimal | int | None = None
    least: Decimal | int | None = None
    scale: str | None = None
    of: tuple[Category, ...] = ()
    many: bool = False
    free: bool = False
    source: str = Field(alias="from", default="entered")
    reading: Words = ()
    note: str = ""


Names = Mapping[str, tuple[str, ...]]
"""Ids with the names that people know them by, the label first."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    words: Mapping[str, Term]
    scales: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, Fact]
    _wider: Mapping[str, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_wider", _wider_words(self.words.values()))

    def __contains__(self, word: str) -> bool:
        return word in self.words or ("." in word and all(part in self.words for part in word.split(".")))

    def term(self, id: str) -> Term:
        return self.words[id]

    def label(self, id: str, lang: str = "zh") -> str:
        """The name of a word; of a word reached by a relation or of a pair `who>to`, both names.

        An unknown word is its own name.
        """
        return ">".join(self._reached(side, lang) for side in id.split(">"))

    def _reached(self, path: str, lang: str) -> str:
        names = [self._label(part, lang) for part in path.split(".")]
        return ("的" if lang == "zh" else " › ").join(names)

    def _label(self, id: str, lang: str) -> str:
        if (term := self.words.get(id)) is None:
            return id
        return term.label_en or term.label if lang == "en" else term.label

    def terms(self, category: Category | str) -> tuple[Term, ...]:
        return tuple(term for term in self.words.values() if term.category == category)

    def names(self, ids: Iterable[str]) -> Names:
        return {id: self.words[id].names if id in self.words else () for id in ids}

    def widen(self, words: Iterable[str]) -> frozenset[str]:
        """The words themselves and every wider word that stands for one of them."""
        return frozenset().union(*(self._wider.get(word, {word}) for word in words))

    def with_own(self, terms: Iterable[Term], facts: Mapping[str, Fact]) -> "Vocabulary":
        """This vocabulary and what a profile adds. A word of this one keeps its meaning."""
        words = {term.id: term for term in terms} | dict(self.words)
        return Vocabulary(words, self.scales, dict(facts) | dict(self.facts))


# Longer than any word of the vocabulary: comparing costs the square of the length.
LONGEST_WORD = 64


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word that was probably meant."""
    if len(word) > LONGEST_WORD:
        return None
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.6)), None)


def meant(word: str, known: Names) -> str | None:
    """The known id that was probably meant by a misspelt id, or by a name in place of an id."""
    # Where two have one name, the first counts.
    ids = {name: id for id in reversed(tuple(known)) for name in known[id]}
    if word in ids:
        return ids[word]
    return nearest(word, known) or ids.get(nearest(word, ids) or "")


@cache
def vocabulary() -> Vocabulary:
    """The words common to all places."""
    data = strict_yaml.load(files("policies").joinpath("vocabulary.yaml").read_text("utf-8"))
    terms = [Term(category=category, **term) for category, listed in data["terms"].items() for term in listed]
    if repeated := [id for id, count in Counter(term.id for term in terms).items() if count > 1]:
        raise ValueError(f"a word stands once: {', '.join(repeated)}")
    return Vocabulary(
        words={term.id: term for term in terms},
        scales={name: tuple(words) for name, words in data["scales"].items()},
        facts={name: Fact.model_validate(fact) for name, fact in data["facts"].items()},
    )


def _wider_words(terms: Iterable[Term]) -> dict[str, frozenset[str]]:
    above: dict[str, set[str]] = {}
    for term in terms:
        above.setdefault(term.id, set())
        for narrower in term.includes:
            above.setdefault(narrower, set()).add(term.id)
    return {word: frozenset(_closure(word, above)) for word in above}


def _closure(word: str, above: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {word}, [word]
    while waiting:
        new = above.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found
