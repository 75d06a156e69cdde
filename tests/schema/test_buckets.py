import pytest

from schema.buckets import Buckets, Rate

RATE = Rate(most=100, per_second=10)


def test_a_bucket_that_nobody_knows_is_full() -> None:
    buckets = Buckets(RATE)

    assert buckets.left("甲", now=0) == 100
    assert len(buckets) == 0


def test_what_is_taken_comes_back_in_time() -> None:
    buckets = Buckets(RATE)

    assert buckets.take("甲", 70, now=0) == 30
    assert [buckets.left("甲", now) for now in (0, 1, 6.5, 7, 100)] == [30, 40, 95, 100, 100]
    assert buckets.left("乙", now=0) == 100


def test_one_waits_for_what_is_not_there() -> None:
    buckets = Buckets(RATE)
    buckets.take("甲", 100, now=0)

    assert [buckets.wait("甲", points, now=1) for points in (5, 10, 11, 100)] == [0, 0, 0.1, 9]
    assert buckets.wait("乙", 100, now=1) == 0


def test_what_no_bucket_holds_asks_for_a_full_one() -> None:
    buckets = Buckets(RATE)

    assert buckets.wait("甲", 1000, now=0) == 0
    assert buckets.take("甲", 1000, now=0) == 0
    assert buckets.wait("甲", 1000, now=1) == 9


def test_a_clock_that_goes_back_gives_nothing() -> None:
    buckets = Buckets(RATE)
    buckets.take("甲", 100, now=50)

    assert buckets.left("甲", now=0) == 0


def test_unknown_names_without_end_do_not_fill_the_memory() -> None:
    buckets = Buckets(RATE, most_kept=1000)

    for n in range(50_000):
        buckets.take(f"198.51.{n // 256}.{n % 256}", 50, now=0)

    assert len(buckets) == 1000
    assert buckets.left("198.51.195.79", now=0) == 50


def test_the_full_ones_are_forgotten_first() -> None:
    buckets = Buckets(RATE)
    buckets.take("甲", 10, now=0)
    buckets.take("乙", 100, now=0)

    buckets.take("丙", 1, now=2)

    assert len(buckets) == 2
    assert buckets.left("乙", now=2) == 20


def test_who_keeps_asking_is_remembered() -> None:
    buckets = Buckets(RATE, most_kept=10)

    for n in range(100):
        buckets.take("甲", 5, now=0)
        buckets.take(f"无名{n}", 100, now=0)

    assert buckets.left("甲", now=0) == 0


@pytest.mark.parametrize(
    ("text", "rate"), [("20000/500", Rate(20_000, 500)), ("20/0.2", Rate(20, 0.2)), ("off", None)]
)
def test_a_rate_is_read(text: str, rate: Rate | None) -> None:
    assert Rate.read(text) == rate


@pytest.mark.parametrize(
    "text", ["", "20000", "/500", "a/b", "0/5", "5/0", "-1/5", "inf/5", "nan/5", "5/nan", "OFF"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no rate"):
        Rate.read(text)
