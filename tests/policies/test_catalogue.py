"""Nothing of the five documents is lost: every rule of the catalogue stands in its profile, word by word."""

import re
from pathlib import Path

import pytest

from policies import library, strict_yaml
from policies.checks.quotes import stands_in

CATALOGUE = strict_yaml.load(Path(__file__).with_name("catalogue.yaml").read_text("utf-8"))
DECIDED, ALL = ("hard", "computed"), ("hard", "computed", "tracked", "guidance")


def ids_of(document: str, kinds: tuple[str, ...] = ALL) -> list[str]:
    return [id for kind in kinds for id in CATALOGUE[document][kind]]


def base_of(id: str) -> str:
    """A clause that says several things is several rules with suffixes under one id: HN-4.2-8b."""
    return re.sub(r"(?<=\d)[a-z]$", "", id)


def test_the_catalogue_is_whole():
    assert list(CATALOGUE) == ["HN", "GD", "SC", "TW", "MZ"]
    assert len({id for document in CATALOGUE for id in ids_of(document)}) == 552
    assert sum(len(ids_of(document, DECIDED)) for document in CATALOGUE) == 245
    assert sum(len(CATALOGUE[document]["open"]) for document in CATALOGUE) == 68


@pytest.mark.parametrize("document", CATALOGUE)
def test_every_rule_of_the_catalogue_stands_in_its_profile(document):
    own = [base_of(rule.id) for rule in library.own_profile(document).rules]

    assert sorted(set(ids_of(document)) - set(own)) == []
    assert sorted(set(own) - set(ids_of(document))) == []


@pytest.mark.parametrize("document", CATALOGUE)
def test_every_quote_stands_in_the_stored_text(document):
    own = library.own_profile(document)
    text = library.document_text(own.text or "")

    assert [rule.id for rule in own.rules if not stands_in(rule.quote, text)] == []


@pytest.mark.parametrize("document", CATALOGUE)
def test_what_is_decided_is_no_mere_text(document):
    decided, own = set(ids_of(document, DECIDED)), library.own_profile(document).rules
    spoken = {base_of(rule.id) for rule in own if rule.kind != "text"}

    # From when to when the document holds: the head of the profile says it.
    assert sorted(decided - spoken - {"MZ-29-1", "SC-0-1"}) == []


@pytest.mark.parametrize("document", CATALOGUE)
def test_what_a_rule_leaves_open_is_a_setting_or_a_gap(document):
    own = library.own_profile(document)
    unset = {name for name, setting in own.settings.items() if setting.state is not None or setting.noted}
    told = {base_of(rule.id) for rule in own.rules if rule.gaps or rule.parameters() & unset}

    assert sorted(set(CATALOGUE[document]["open"]) - told) == []
