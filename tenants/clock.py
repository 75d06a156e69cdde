"""What time it is: the real clock for what is recorded, the place's law day for what the law is asked."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The real instant, in UTC: for tokens, audit and `recorded_at`."""
    return datetime.now(UTC)


def today(law_day: date | None) -> date:
    """The day every question is asked for: a demo place's fixed day, else today in Shanghai."""
    return law_day or now().astimezone(SHANGHAI).date()


def moment(law_day: date | None) -> datetime:
    """The instant an act happens: the real time of day, on the place's law day."""
    real = now().astimezone(SHANGHAI)
    return real if law_day is None else datetime.combine(law_day, real.timetz())


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def in_shanghai(moment: datetime) -> datetime:
    """The moment; one without a zone is meant as Shanghai time."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI)
