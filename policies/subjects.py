"""What a question may be about: an act, a pair of words, or a metric."""

from collections.abc import Iterable

from policies.decisions import Ask, Question
from policies.mistakes import UnknownSubject, shown
from policies.vocabulary import Category, Vocabulary, nearest


def check(question: Question, words: Vocabulary, metrics: Iterable[str] = ()) -> None:
    """Raises UnknownSubject for what no document can speak of.

    Words in which a document may speak and this one does not are asked rightly: *unspecified* answers them.
    `metrics` are those of the profile; a metric of the common vocabulary that it lacks is such silence.
    """
    if question.ask is Ask.ACT:
        _check_act(question.about, words)
    elif question.ask is Ask.MEASURE:
        _check_metric(question.about, words, tuple(metrics))
    else:
        _check_pair(question.about, words)


def _check_act(about: str, words: Vocabulary) -> None:
    acts = [term.id for term in words.terms(Category.ACT)]
    if about not in acts:
        meant = words.meant(about, acts)
        offered = [meant] if meant else acts
        raise UnknownSubject(
            f"没有 {shown(about)} 这个事项，{'是不是' if meant else '可问'} {_listed(offered, words)}",
            f"no such act: {shown(about)}, {_offer_en(meant)} {', '.join(offered)}",
        )


def _check_metric(about: str, words: Vocabulary, metrics: tuple[str, ...]) -> None:
    common = [term.id for term in words.terms(Category.METRIC)]
    if about not in {*common, *metrics}:
        meant = words.meant(about, common) or nearest(about, metrics)
        here = _listed(metrics, words)
        raise UnknownSubject(
            f"没有 {shown(about)} 这个指标，{f'是不是 {_listed([meant], words)}；' if meant else ''}"
            + (f"本地文件的指标有 {here}" if metrics else "本地文件没有规定指标"),
            f"no such metric: {shown(about)}, {f'did you mean {meant}; ' if meant else ''}"
            + (f"the document here has {', '.join(metrics)}" if metrics else "the document here has none"),
        )


def _check_pair(about: str, words: Vocabulary) -> None:
    sides = about.split(">")
    if len(sides) != 2 or not all(sides):
        raise UnknownSubject(
            f"这里要问一对词，写作 who>to，如 responsibility_group>village，收到 {shown(about)}",
            f"this is asked about a pair who>to, as responsibility_group>village (given {shown(about)})",
        )
    for side in sides:
        if side not in words:
            raise UnknownSubject(
                f"{shown(about)} 里的 {shown(side)} 不是词汇表里的词{words.offer(side)}",
                f"unknown word {shown(side)} in {shown(about)}{words.offer(side, lang='en')}",
            )


def _offer_en(meant: str | None) -> str:
    return "did you mean" if meant else "known are"


def _listed(ids: Iterable[str], words: Vocabulary) -> str:
    return "、".join(f"{id}（{words.label(id)}）" if id in words else id for id in ids)
