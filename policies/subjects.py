"""What a question may be about: an act, a pair of words, or a metric."""

from collections.abc import Collection

from policies.decisions import Ask, Question
from policies.mistakes import UnknownSubject, instead, shown
from policies.vocabulary import Category, Vocabulary


def check(question: Question, words: Vocabulary, metrics: Collection[str] = ()) -> None:
    """Raises UnknownSubject for what no document can speak of. `metrics` are those of the document asked.

    Known words of which this document does not speak are asked rightly: *unspecified* is the answer. So is
    a metric that the vocabulary knows and this document lacks.
    """
    if question.ask is Ask.ACT:
        _check_act(question.about, words)
    elif question.ask is Ask.MEASURE:
        _check_metric(question.about, words, metrics)
    else:
        _check_pair(question.about, words)


def _check_act(about: str, words: Vocabulary) -> None:
    acts = words.names(term.id for term in words.terms(Category.ACT))
    if about not in acts:
        zh, en = instead(about, acts)
        raise UnknownSubject(f"没有 {shown(about)} 这个事项{zh}", f"no such act: {shown(about)}{en}")


def _check_metric(about: str, words: Vocabulary, metrics: Collection[str]) -> None:
    common = [term.id for term in words.terms(Category.METRIC)]
    if about not in {*common, *metrics}:
        zh, en = instead(about, words.names(metrics or common))
        raise UnknownSubject(f"没有 {shown(about)} 这个指标{zh}", f"no such metric: {shown(about)}{en}")


def _check_pair(about: str, words: Vocabulary) -> None:
    sides = about.split(">")
    if len(sides) != 2 or not all(sides):
        raise UnknownSubject(
            f"这类问题要问一对词 who>to，如 village_team>village，收到 {shown(about)}",
            f"this is asked about a pair who>to, such as village_team>village (given {shown(about)})",
        )
    for side in sides:
        if side not in words:
            zh, en = instead(side, words.names(words.words))
            raise UnknownSubject(
                f"词汇表里没有 {shown(side)} 这个词{zh}", f"unknown word {shown(side)} in about{en}"
            )
