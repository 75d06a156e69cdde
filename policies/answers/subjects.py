"""What a question may be about: the words of the vocabulary that its kind of question wants."""

from collections.abc import Collection, Mapping

from policies.decisions import Question
from policies.mistakes import UnknownSubject, instead, shown
from policies.outcomes import Ask
from policies.vocabulary import Category, Vocabulary

PAIRS = frozenset({Ask.ASSIGN, Ask.NEEDED, Ask.ASSIGNED})
_CATEGORIES: Mapping[Ask, tuple[Category, ...]] = {
    Ask.ACT: (Category.ACT,),
    Ask.STEP: (Category.ACT,),
    Ask.DUTY: (Category.ACTIVITY, Category.RECORD, Category.EVENT),
    Ask.FOLLOW: (Category.SITUATION,),
    Ask.ANSWERABLE: (Category.MATTER,),
    Ask.POWER: (Category.POWER,),
    Ask.MEASURE: (Category.METRIC,),
    Ask.WORD: (Category.LIST,),
}
_NOUNS: Mapping[Ask, tuple[str, str]] = {
    Ask.ACT: ("事项", "act"),
    Ask.STEP: ("事项", "act"),
    Ask.DUTY: ("工作或材料", "activity or record"),
    Ask.FOLLOW: ("情形或指标", "situation or number"),
    Ask.ANSWERABLE: ("责任事项", "matter"),
    Ask.POWER: ("权限", "power"),
    Ask.MEASURE: ("指标", "metric"),
    Ask.WORD: ("列表", "list"),
}


def check(question: Question, words: Vocabulary, own: Collection[str] = ()) -> None:
    """Raises UnknownSubject for what no document can speak of. `own`: what the document asked speaks of.

    Known words of which this document does not speak are asked rightly: *unspecified* is the answer.
    """
    if question.ask in PAIRS:
        _check_pair(question.about, words)
        return
    categories, term = _CATEGORIES[question.ask], words.words.get(question.about)
    if (term is None or term.category not in categories) and question.about not in own:
        known = [term.id for category in categories for term in words.terms(category)]
        zh, en = _NOUNS[question.ask]
        meant_zh, meant_en = instead(question.about, words.names([*own] or known))
        said = shown(question.about)
        raise UnknownSubject(f"没有 {said} 这个{zh}{meant_zh}", f"no such {en}: {said}{meant_en}")


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
