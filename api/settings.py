"""Settings: environment variables, read once and checked at the start, with sentences a person can act on."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.trusted import Mode
from schema.buckets import Rate
from schema.charges import Payer
from schema.introspection import Introspection
from tenants.database import Credentials
from tenants.transactions import Timeouts


def _rate(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return Rate.read(value)
    except ValueError:
        raise ValueError("20000/500 (points, and points a second) or off / 如 20000/500，或 off") from None


_Rate = Annotated[Rate | None, NoDecode, BeforeValidator(_rate)]


class Settings(BaseSettings):
    """Every setting begins with ZEREN_, but for DATABASE_URL. Without DATABASE_URL zeren runs its own
    PostgreSQL.

    `jobs_at_once`: how many jobs the server does beside serving; 0 leaves them to `zeren work`.
    `database_url` names the application's role, `owner_database_url` the role that owns and migrates the
    schema."""

    model_config = SettingsConfigDict(env_prefix="ZEREN_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path | None = None
    database_user: str = "nobody"
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    owner_database_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    demo: bool | None = None
    graphiql: bool = True
    queries_by_get: bool = True
    introspection: Introspection | None = None
    trusted_documents: Path | None = None
    trusted_documents_mode: Mode = Mode.OFF
    cors_origins: Annotated[list[str], NoDecode] = []
    deadline_seconds: float = Field(default=10, gt=0, le=60)
    body_limit_bytes: int = Field(default=256 * 1024, ge=1024)
    file_limit_bytes: int = Field(default=5 * 1024 * 1024, ge=1024)
    storage_url: str | None = None
    jobs_at_once: int = Field(default=2, ge=0, le=20)
    pool_size: int = Field(default=10, ge=2, le=90)
    subscription_interval_seconds: float = Field(default=2, gt=0, le=60)
    subscription_life_seconds: float = Field(default=900, gt=0)
    patience_seconds: float = Field(default=20, gt=0, le=30)
    connections: int = Field(default=500, ge=1)
    lines: int = Field(default=300, ge=1)
    lines_per_address: int = Field(default=200, ge=1)
    lines_per_account: int = Field(default=10, ge=1)
    connection_init_seconds: float = Field(default=10, gt=0, le=60)
    trusted_proxies: Annotated[list[str], NoDecode] = []
    account_rate: _Rate = Rate(50_000, 2_000)
    place_rate: _Rate = Rate(250_000, 10_000)
    address_rate: _Rate = Rate(50_000, 1_000)
    sign_in_rate: _Rate = Rate(120, 2)
    login_rate: _Rate = Rate(20, 0.2)
    pool_acquire_seconds: float = Field(default=3, gt=0, le=60)
    lock_seconds: float = Field(default=2, gt=0, le=60)
    statement_seconds: float = Field(default=5, gt=0, le=60)
    statement_cache_size: int = Field(default=100, ge=0, le=10_000)

    @field_validator("cors_origins", "trusted_proxies", mode="before")
    @classmethod
    def _by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [one.strip() for one in value.split(",") if one.strip()]
        return value

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def _is_a_database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Credentials.from_url(value.get_secret_value())
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < 32:
            raise ValueError("at least 32 bytes are needed / 至少需要 32 个字节")
        return value

    @field_validator("storage_url")
    @classmethod
    def _is_a_storage_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("s3://", "file:///")):
            raise ValueError("it begins with s3:// or file:/// / 以 s3:// 或 file:/// 开头")
        return value

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(self.pool_acquire_seconds, self.lock_seconds, self.statement_seconds)

    @property
    def is_embedded(self) -> bool:
        return self.database_url is None

    @property
    def introspects(self) -> Introspection:
        """While the demonstration is loaded everybody may look around; elsewhere it takes the permission."""
        default = Introspection.EVERYBODY if self.wants_demo else Introspection.PERMITTED
        return self.introspection or default

    @property
    def rates(self) -> dict[Payer, Rate | None]:
        return {
            Payer.ACCOUNT: self.account_rate,
            Payer.PLACE: self.place_rate,
            Payer.ADDRESS: self.address_rate,
            Payer.SIGN_IN: self.sign_in_rate,
            Payer.LOGIN: self.login_rate,
        }

    @property
    def wants_demo(self) -> bool:
        """The demonstration is loaded into our own PostgreSQL, and elsewhere only when asked for."""
        return self.is_embedded if self.demo is None else self.demo


class BadSettings(Exception):
    """One line per setting that cannot be used; never shows a value."""


def read_settings() -> Settings:
    """The settings of this process. Raises BadSettings naming every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise BadSettings("\n".join(lines)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0])
    return name if name.isupper() else f"ZEREN_{name.upper()}"
