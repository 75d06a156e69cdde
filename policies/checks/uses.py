"""Whether each word stands where words of its category stand: a liability is no measure, a role no deed."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from policies.conditions import Bound
from policies.problems import Problem, Severity
from policies.profile import Profile
from policies.vocabulary import CATEGORY_NAMES, Category, Vocabulary

Categories = frozenset[Category]


class Place(NamedTuple):
    """What is meant to stand there, and what the documents put there besides."""

    usual: Categories
    besides: Categories = frozenset()


def _of(*categories: Category) -> Categories:
    return frozenset(categories)


_ROLE, _LIABILITY = _of(Category.ROLE), _of(Category.LIABILITY)
_DOERS = _of(Category.ROLE, Category.ORGAN, Category.RELATION, Category.TEAM)
_DEEDS = _of(Category.ACTIVITY, Category.RECORD)
_THINGS = _DOERS | _of(Category.UNIT, Category.RECORD, Category.ATTRIBUTE)
_PLACES = {
    "act": Place(_DEEDS | _of(Category.ACT), _of(Category.MATTER)),
    "bears": Place(_ROLE),
    "by": Place(_DOERS),
    "contents": Place(_of(Category.FIELD, Category.RECORD), _of(Category.ORGAN, Category.MATTER)),
    "counted": Place(_of(Category.UNIT)),
    # 建立工作组、培养后备干部: the deed is to bring it about.
    "does": Place(_DEEDS, _THINGS | _of(Category.MATTER)),
    "excused_by": Place(_of(Category.ACT, Category.ACTIVITY)),
    "for_each": Place(_THINGS | _of(Category.MATTER)),
    "grants": Place(_of(Category.POWER)),
    "liability": Place(_LIABILITY),
    "list": Place(_of(Category.LIST), _of(Category.RECORD, Category.RELATION)),
    "matter": Place(_THINGS | _of(Category.MATTER, Category.ACTIVITY)),
    "name": Place(_of(Category.METRIC)),
    "results.liability": Place(_LIABILITY),
    "results.measures": Place(_of(Category.MEASURE), _of(Category.ACTIVITY)),
    "results.who": Place(_DOERS),
    "steps": Place(_DOERS),
    "supervises": Place(_DOERS),
    "to": Place(_DOERS, _of(Category.ATTRIBUTE)),
    "under": Place(_DOERS),
    "who": Place(_DOERS),
}
# One of an assignment's two sides may be anything that is counted: 责任到人 has a person to a responsibility.
_SIDES = {"who": Place(_THINGS, _of(Category.FIELD)), "to": Place(_THINGS)}


def examine(profile: Profile) -> Iterator[Problem]:
    """What can mean nothing where it stands."""
    for path, word, place in _placed(profile):
        yield from _misused(profile.vocabulary, path, word, place.usual | place.besides)


def unusual(profile: Profile) -> Iterator[Problem]:
    """What may be meant, though a word of another category is usual there."""
    for path, word, place in _placed(profile):
        if _category(profile.vocabulary, word) in place.besides:
            yield from _misused(profile.vocabulary, path, word, place.usual, Severity.NOTICE)


def _placed(profile: Profile) -> Iterator[tuple[str, str, Place]]:
    """Each word of the profile's own rules and rows once in each place."""
    return iter(dict.fromkeys((*_of_rules(profile), *_of_facts(profile), *_of_rows(profile))))


def _of_rules(profile: Profile) -> Iterator[tuple[str, str, Place]]:
    for rule in profile.own_rules:
        places = _PLACES | _SIDES if rule.kind == "assignment" else _PLACES
        for name, words in rule.places():
            if name in places:
                yield from ((f"rules.{rule.id}.{name}", word, places[name]) for word in words)


def _of_facts(profile: Profile) -> Iterator[tuple[str, str, Place]]:
    facts = profile.vocabulary.facts
    for rule in profile.own_rules:
        for name, bound in rule.bounds():
            if name in facts and facts[name].of:
                place = Place(frozenset(facts[name].of))
                yield from ((f"rules.{rule.id}.{name}", word, place) for word in _words(profile, bound))


def _words(profile: Profile, bound: Bound) -> Iterable[str]:
    given = (profile.settings[name].value for name in bound.parameters if name in profile.settings)
    return (*bound.words, *(value for value in given if isinstance(value, str)))


def _of_rows(profile: Profile) -> Iterator[tuple[str, str, Place]]:
    for row in profile.authorities:
        yield f"authorities.{row.organ}", row.organ, Place(_DOERS)
        yield f"authorities.{row.organ}.role", row.role, Place(_ROLE)
    yield from ((f"grants.{row.role}", row.role, Place(_ROLE)) for row in profile.grants)
    for term in profile.terms:
        place = Place(_of(term.category))
        yield from ((f"terms.{term.id}.includes", word, place) for word in term.includes)


def _category(known: Vocabulary, word: str) -> Category | None:
    """Of a word that is reached by a relation, that of its last part. An unknown word is told by itself."""
    term = known.words.get(word.rpartition(".")[2])
    return term.category if term else None


def _misused(
    known: Vocabulary, path: str, word: str, wanted: Categories, severity: Severity = Severity.ERROR
) -> Iterator[Problem]:
    category = _category(known, word)
    if category is None or category in wanted:
        return
    zh, en = (_listed(wanted, language) for language in (0, 1))
    is_zh, is_en = CATEGORY_NAMES[category]
    said = "应" if severity is Severity.ERROR else "通常"
    yield Problem(
        "misused_term",
        path,
        f"“{known.label(word)}”是{is_zh}，这里{said}是{zh}",
        f"{word} is one of the {is_en}; here stands one of the {en}",
        "换成这一类的词，或在 terms 里另立一个" if severity is Severity.ERROR else "确认就是这个意思",
        severity,
    )


def _listed(categories: Categories, language: int) -> str:
    names = (names[language] for category, names in CATEGORY_NAMES.items() if category in categories)
    return ("或", " or ")[language].join(names)
