"""While a draft is reviewed to be published, nobody waits for it; what is published is what was reviewed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from policies import library
from tenants import people, profile_reviews
from tests.client import Client
from tests.conftest import Database
from tests.front_door import arrange, post_of, record, rows, said
from tests.onboarding import suspend
from tests.schema.drafting import CHECK, DRAFT, check, drafted, five_days, publish

COUNTY = "410173000000"


class Held(ThreadPoolExecutor):
    """Reviews that begin when they are let go."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked, self.let_go = Event(), Event()

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.asked.set()
        return super().submit(lambda: self.let_go.wait(5) and work(*args, **named))


@contextmanager
def publishing(monkeypatch: pytest.MonkeyPatch, client: Client, login: str, id: str) -> Iterator[Future[Any]]:
    """The block runs while the draft is reviewed on the way to being published."""
    reviews = Held()
    monkeypatch.setattr(profile_reviews, "_beside", reviews)
    asked = ThreadPoolExecutor(1).submit(publish, client, login, id)
    try:
        assert reviews.asked.wait(5)
        yield asked
        assert not asked.done()
    finally:
        reviews.let_go.set()


def test_a_review_keeps_nobody_from_suspending_the_place(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = drafted(client, "hn-admin", five_days())
    place = client.ask("{ place { id } }", as_="hn-checker")["place"]["id"]

    with publishing(monkeypatch, client, "hn-checker", one) as asked:
        assert said(suspend(client, "p41-admin", place)) == "ALLOW"
        before = record(demo_database)

    assert said(asked.result()) == "PLACE_SUSPENDED"
    assert record(demo_database) == before


def test_a_review_keeps_nobody_from_ending_the_post_it_rests_on(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = drafted(client, "hn-admin", five_days())
    post = post_of(demo_database, "hn-checker")

    with publishing(monkeypatch, client, "hn-checker", one) as asked:
        arrange(demo_database, COUNTY, lambda: people.end_post(post, date(2018, 6, 15)))
        before = record(demo_database)

    assert said(asked.result()) == "FORBIDDEN"
    assert record(demo_database) == before


def test_one_review_of_a_place_waits_and_the_next_is_told_at_once_to_come_again(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = drafted(client, "hn-admin", five_days())
    asked_for = {"text": five_days()["text"]}

    with publishing(monkeypatch, client, "hn-checker", one) as asked:
        before = record(demo_database)
        (error,) = client.post(CHECK, asked_for, as_="hn-admin")["errors"]
        (other,) = client.post(DRAFT, {"input": five_days()}, as_="hn-admin")["errors"]
        assert record(demo_database) == before

    told = {"code": "TOO_MANY_REVIEWS", "retriable": True}
    assert error["extensions"] == other["extensions"] == told
    assert said(asked.result()) == "ALLOW"
    assert check(client, "hn-admin", **asked_for)["problems"]


def test_only_so_many_reviews_keep_a_connection() -> None:
    with ExitStack() as others:
        for _ in range(profile_reviews.MOST_AT_ONCE):
            others.enter_context(profile_reviews._at_hand_for(uuid4()))
        with pytest.raises(profile_reviews.TooManyReviews), profile_reviews._at_hand_for(uuid4()):
            pass

    with profile_reviews._at_hand_for(uuid4()):
        pass


CHANGED = "UPDATE profile_drafts SET text = text || '#', version = version + 1"
DROPPED = "UPDATE profile_drafts SET state = 'dropped', version = version + 1"
PARENT_CHANGED = "UPDATE profiles SET text = replace(text, 'label: 乡镇帮扶', 'label: 改') WHERE name = 'GD'"


@pytest.mark.parametrize("meanwhile", [CHANGED, DROPPED, PARENT_CHANGED], ids=["改动", "作废", "上级变动"])
def test_only_what_was_reviewed_is_published(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    content = {"text": library.profile_text("MZ"), "documentText": library.document_text("MZ.txt")}
    one = drafted(client, "mz-admin", content)

    with publishing(monkeypatch, client, "mz-checker", one) as asked:
        rows(demo_database, meanwhile + " RETURNING id")
        before = record(demo_database)

    assert said(asked.result()) == "CONFLICT"
    assert record(demo_database) == before
