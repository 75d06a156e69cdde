import pytest

from api.installation import _given
from api.settings import BadSettings, Settings, read_settings
from schema.buckets import Rate
from schema.charges import Payer
from schema.limits import Limits
from tenants.transactions import Timeouts


def test_without_a_word_zeren_runs_its_own_database_and_the_demonstration() -> None:
    settings = Settings()

    assert settings.is_embedded
    assert settings.wants_demo
    assert (settings.host, settings.port, settings.cors_origins) == ("127.0.0.1", 8000, [])


def test_a_given_database_brings_no_demonstration_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://zeren_app:secret@db:5433/zeren")

    assert not read_settings().is_embedded
    assert not read_settings().wants_demo
    monkeypatch.setenv("ZEREN_DEMO", "true")
    assert read_settings().wants_demo


def test_every_wrong_variable_is_named_and_no_value_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEREN_PORT", "99999")
    monkeypatch.setenv("DATABASE_URL", "mysql://root:hunter2@db/zeren")
    monkeypatch.setenv("ZEREN_SECRET_KEY", "hunter2")

    with pytest.raises(BadSettings) as refused:
        read_settings()

    said = str(refused.value)
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "ZEREN_PORT",
        "DATABASE_URL",
        "ZEREN_SECRET_KEY",
    ]
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("_case", "url", "said"),
    [
        ("no user", "postgres://db/zeren", "names user, host and database"),
        ("no database", "postgres://app@db", "names user, host and database"),
        ("another scheme", "http://app@db/zeren", "begins with postgres://"),
    ],
)
def test_a_database_url_says_all_it_must(
    _case: str, url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(BadSettings, match=said):
        read_settings()


def test_origins_are_given_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEREN_CORS_ORIGINS", "https://a.example, https://b.example,")

    assert read_settings().cors_origins == ["https://a.example", "https://b.example"]


def test_rates_are_read_or_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEREN_ACCOUNT_RATE", "100/2.5")
    monkeypatch.setenv("ZEREN_PLACE_RATE", "off")

    rates = read_settings().rates

    assert (rates[Payer.ACCOUNT], rates[Payer.PLACE]) == (Rate(100, 2.5), None)
    assert set(rates) == set(Payer)
    monkeypatch.setenv("ZEREN_LOGIN_RATE", "often")
    with pytest.raises(BadSettings, match=r"^ZEREN_LOGIN_RATE: .*20000/500"):
        read_settings()


def test_a_place_may_take_several_times_what_one_account_may() -> None:
    rates = Settings().rates
    account, place = rates[Payer.ACCOUNT], rates[Payer.PLACE]

    assert account is not None
    assert place is not None
    assert (place.most / account.most, place.per_second / account.per_second) == (5, 5)
    assert Limits().cost <= account.most


def test_how_long_an_operation_waits_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().timeouts == Timeouts(acquire_seconds=3, lock_seconds=2, statement_seconds=5)

    monkeypatch.setenv("ZEREN_POOL_ACQUIRE_SECONDS", "1")
    monkeypatch.setenv("ZEREN_LOCK_SECONDS", "0.5")
    monkeypatch.setenv("ZEREN_STATEMENT_SECONDS", "20")

    assert read_settings().timeouts == Timeouts(acquire_seconds=1, lock_seconds=0.5, statement_seconds=20)


def test_the_application_s_role_may_be_reached_through_an_older_pooler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://zeren_app:secret@pooler:6432/zeren")
    monkeypatch.setenv("ZEREN_OWNER_DATABASE_URL", "postgresql://zeren_owner:secret@db/zeren")
    monkeypatch.setenv("ZEREN_SECRET_KEY", "k" * 32)
    assert _given(read_settings()).app.statement_cache_size == 100

    monkeypatch.setenv("ZEREN_STATEMENT_CACHE_SIZE", "0")

    given = _given(read_settings())
    assert given.owner is not None
    assert (given.app.statement_cache_size, given.owner.statement_cache_size) == (0, 100)
