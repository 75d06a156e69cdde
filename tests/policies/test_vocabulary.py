"""The common words: labels in two languages, umbrellas with their reasons, and what a profile adds."""

from importlib.resources import files

import pytest

from policies import strict_yaml
from policies.vocabulary import Category, Fact, Term, meant, vocabulary

WORDS = vocabulary()


def test_a_label_is_given_in_the_language_asked_for():
    assert WORDS.label("first_secretary") == "第一书记"
    assert WORDS.label("first_secretary", "en") == "first secretary"
    assert WORDS.label("dispatching_unit.unit_head") == "派出单位的单位一把手"
    assert WORDS.label("village_team>village") == "驻村工作队>村"
    assert WORDS.label("no_such_word") == "no_such_word"


@pytest.mark.parametrize(
    "narrower",
    ["first_secretary", "village_team_captain", "village_team_deputy_captain", "village_team_member"],
)
def test_everybody_posted_to_a_village_is_a_stationed_and_a_dispatched_cadre(narrower):
    assert WORDS.widen([narrower]) == {narrower, "village_stationed_cadre", "dispatched_cadre"}


def test_widening_goes_up_only():
    assert WORDS.widen(["dispatched_cadre"]) == {"dispatched_cadre"}
    assert WORDS.widen(["village_party_secretary"]) == {"village_party_secretary", "village_cadre"}
    assert WORDS.widen([]) == frozenset()


def test_every_umbrella_gives_its_reason_and_stands_for_known_words():
    umbrellas = [term for term in WORDS.words.values() if term.includes]

    assert len(umbrellas) >= 9
    assert [term.id for term in umbrellas if not term.why] == []
    assert [word for term in umbrellas for word in term.includes if word not in WORDS] == []


def test_no_word_is_listed_twice():
    listed = strict_yaml.load(files("policies").joinpath("vocabulary.yaml").read_text("utf-8"))["terms"]

    assert sum(len(terms) for terms in listed.values()) == len(WORDS.words)


def test_every_term_has_a_name_in_both_languages():
    assert [term.id for term in WORDS.words.values() if not (term.label and term.label_en)] == []


def test_every_organ_but_the_collective_one_sits_somewhere_and_every_relation_is_resolved():
    homeless = [organ.id for organ in WORDS.terms(Category.ORGAN) if not organ.level]

    assert homeless == ["party_committees_and_governments"]
    assert WORDS.term("dispatching_unit").reached_by == "unit_of_post"
    assert [relation.id for relation in WORDS.terms("relation") if not relation.reached_by] == []


def test_scales_order_known_words():
    assert list(WORDS.scales["rank"]) == [term.id for term in WORDS.terms("rank")]
    assert [word for word in WORDS.scales["level"] if word not in WORDS] == []


def test_facts_have_known_units_and_scales():
    units = {fact.unit for fact in WORDS.facts.values()} - {None}

    assert units <= {term.id for term in WORDS.terms(Category.UNIT)}
    assert {fact.scale for fact in WORDS.facts.values()} - {None} <= WORDS.scales.keys()


def test_the_least_that_a_fact_may_be_is_counted_in_its_steps():
    least = {name: fact for name, fact in WORDS.facts.items() if fact.least is not None}

    assert {name: str(fact.least) for name, fact in least.items()} == {"leave_days": "0.5"}
    assert [name for name, fact in least.items() if fact.step is None or fact.least % fact.step] == []


def test_a_word_is_meant_by_any_of_its_names():
    known = WORDS.names(term.id for term in WORDS.terms(Category.ACTIVITY))

    for word in ("training_session", "培训", "组织培训", "参加培训", "training session", "trainingsession"):
        assert meant(word, known) == "training_session"
    assert meant("外出协调项目", known) == "project_outing"
    assert meant("考察", known) == "study_tour"
    assert meant("请假", known) is None


def test_where_two_words_have_one_name_the_first_is_meant():
    known = {"first": ("名",), "second": ("名", "别名"), "third": ()}

    assert [meant(word, known) for word in ("名", "别名", "third", "?")] == ["first", "second", "third", None]


def test_a_profile_adds_words_and_facts_and_changes_none():
    own = Term(id="farm_committee", label="农场党委", category="organ", includes=["first_secretary"])
    taken = Term(id="leave", label="别的意思", category="act")

    words = WORDS.with_own([own, taken], {"wages": Fact(label="工资", type="number", unit="yuan")})

    assert words.label("farm_committee") == "农场党委"
    assert "farm_committee" in words.widen(["first_secretary"])
    assert words.label("leave") == "请假"
    assert words.facts["wages"].unit == "yuan"
    assert "farm_committee" not in WORDS
