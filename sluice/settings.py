"""Every setting of Sluice, with its default, in one typed model that is checked before anything starts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from sluice import property_groups
from sluice.errors import SluiceError
from sluice.lake_layout import days_for_bootstrap
from sluice.sections import Nightly, PartnerFiles, Port, Section
from udfs import references

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FILE = Path("sluice.yaml")

ROLE_NAME = r"^[A-Za-z_-]{1,40}$"


class SettingsError(SluiceError):
    """A setting is missing or invalid; the message names the field and what to do."""


class Topics(Section):
    """Kafka topic names."""

    transactions: str = "transactions"
    decisions: str = "decisions"
    alerts: str = "alerts"
    terminal_uses: str = "terminal_uses"
    customer_events: str = "customer_events"
    customer_activity: str = "customer_activity"
    episodes: str = "episodes"
    deliveries: str = "deliveries"
    quarantine: str = "quarantine"
    duplicates: str = "duplicates"
    corrections: str = "corrections"
    enriched_decisions: str = "enriched_decisions"
    customer_segments: str = "customer_segments"
    merchant_risks: str = "merchant_risks"
    exchange_rates: str = "exchange_rates"
    token_vault: str = "token_vault"
    audit: str = "audit"

    @property
    def references(self) -> tuple[str, ...]:
        """Those of references with versions, in the order of `udfs.references.NAMES`."""
        return tuple(getattr(self, name) for name in references.NAMES)

    @property
    def bootstrap(self) -> str:
        """Where decided transactions stand while state is built from them."""
        return f"{self.transactions}-bootstrap"


class Kafka(Section):
    bootstrap: str = Field("127.0.0.1:19092", pattern=r"^[^:\s]+:\d+(,[^:\s]+:\d+)*$")
    partitions: int = Field(4, ge=1)
    topics: Topics = Topics()


class Aws(Section):
    """Where S3, DynamoDB and SNS answer. Without an endpoint, AWS itself and its usual credential chain."""

    endpoint_url: str | None = "http://127.0.0.1:14566"
    region: str = "us-east-1"
    access_key_id: str | None = "test"
    secret_access_key: str | None = "test"


class Keys(Section):
    """Who keeps the keys that cards are tokenised with, and what becomes of transactions while they can't be had."""

    source: Literal["file", "kms"] = "file"
    file: Path = Path("build/keys/token.key")
    ring: str = Field(
        "s3://sluice-keys/token-keys.json",
        pattern=r"^s3://[a-z0-9.-]{3,63}/.+$",
        description="With kms: where the token keys stand, wrapped.",
    )
    kms_key_id: str = Field("alias/sluice-tokens", min_length=1, description="With kms: what wraps token keys.")
    refresh_seconds: float = Field(60, gt=0, description="How often a running gate asks for the keys.")
    lease_seconds: float = Field(
        300, gt=0, description="So long the keys are good without an answer; a rotation takes effect a little later."
    )
    when_down: Literal["hold", "open"] = Field(
        "hold", description="hold: no decision without keys. open: decide without history, and say so."
    )

    @model_validator(mode="after")
    def _asks_in_time(self) -> Self:
        if self.lease_seconds < 2 * self.refresh_seconds:
            raise ValueError("lease_seconds must be at least twice refresh_seconds, so that one answer may be missed")
        return self


class Gate(Section):
    keys: Keys = Keys()
    max_age_days: int | None = Field(None, ge=1, description="Overrides the contract's bound, to replay history.")
    max_message_bytes: int = Field(65_536, ge=1_024)
    most_bad_percent: float = Field(
        50, gt=0, le=100, description="When more of a subtask's latest records are bad, the job stops; 100 never does."
    )
    bad_over_records: int = Field(10_000, ge=100, description="Of so many latest records.")


class FraudDetection(Section):
    parallelism: int = Field(2, ge=1)
    checkpoint_seconds: float = Field(
        30, gt=0, description="Decisions do not wait for it; after a crash, as much is decided again."
    )
    state_backend: Literal["hashmap", "rocksdb"] = Field(
        "hashmap", description="rocksdb holds more cards than fit in memory, and is slower."
    )
    buffer_timeout_ms: int = Field(5, ge=0)
    batch_ms: int = Field(5, ge=1, description="How long a record waits, at each of two steps, for others to go with.")
    batch_rows: int = Field(2_048, ge=1, description="Of one call into Python, at most.")
    linger_ms: int = Field(5, ge=0, description="How long the Kafka producer waits to fill a batch.")
    rules: Path = Path("jobs/fraud_detection/rules/cards.yaml")
    gate: Gate = Gate()


class FraudPatterns(Section):
    parallelism: int = Field(1, ge=1)
    checkpoint_seconds: float = Field(10, gt=0)
    state_backend: Literal["hashmap", "rocksdb"] = Field(
        "rocksdb", description="An open attempt takes some KB on the heap, and nearly every card has one."
    )
    buffer_timeout_ms: int = Field(5, ge=0)
    batch_ms: int = Field(5, ge=1, description="How long a match waits for others to be worded with.")
    batch_rows: int = Field(256, ge=1, description="Of one call into Python, at most.")
    patterns: Path = Path("jobs/fraud_patterns/patterns")


class Enrichment(Section):
    parallelism: int = Field(1, ge=1)
    checkpoint_seconds: float = Field(10, gt=0)
    state_backend: Literal["hashmap", "rocksdb"] = Field(
        "rocksdb", description="Every customer and merchant has an entry, which takes no heap from other jobs there."
    )
    buffer_timeout_ms: int = Field(5, ge=0)
    batch_ms: int = Field(5, ge=1, description="How long a record waits, at each of two steps, for others to go with.")
    batch_rows: int = Field(2_048, ge=1, description="Of one call into Python, at most.")
    references_first_seconds: float = Field(
        5, ge=0, description="For so long after each start, references are read and decisions not yet."
    )
    most_versions: int = Field(400, ge=1, description="Of one customer, merchant or currency; the oldest go.")


class HotState(Section):
    checkpoint_seconds: float = Field(10, gt=0)
    cards_table: str = "sluice-cards"
    transactions_table: str = "sluice-transactions"
    alerts_table: str = "sluice-alerts"
    transaction_ttl_days: int = Field(30, ge=1)
    alert_ttl_days: int = Field(400, ge=1)
    bundle_ms: int = Field(1_000, ge=1)
    bundle_size: int = Field(2_000, ge=1)
    writers: int = Field(4, ge=1, description="Parallel requests to DynamoDB.")


class Retention(Section):
    """Days after which a folder of the lake may be deleted, by table; null keeps all."""

    decisions: int | None = Field(None, ge=1)
    quarantine: int | None = Field(None, ge=1)
    duplicates: int | None = Field(None, ge=1)


class AlertEpisodes(Section):
    checkpoint_seconds: float = Field(10, gt=0)
    window_minutes: float = Field(
        10, gt=0, description="So long after the first alert of an episode, in event time, another belongs to it."
    )
    remember_hours: float = Field(
        24, gt=0, description="So long after its first alert, a repeated or late one is still known for its episode's."
    )
    most_alerts: int = Field(500, ge=1, le=5_000, description="An episode that has so many is closed at once.")
    bundle_ms: int = Field(5, ge=1, description="How long an alert waits for others to be looked at with.")
    bundle_size: int = Field(500, ge=1)

    @model_validator(mode="after")
    def _outlives_its_window(self) -> Self:
        if self.remember_hours * 60 < 2 * self.window_minutes:
            raise ValueError("remember_hours must be at least twice as long as window_minutes")
        return self


class AlertDelivery(Section):
    receivers: Path = Path("jobs/alert_delivery/receivers.yaml")
    sns_topic: str = Field("sluice-alerts", description="What `sluice up` makes, for the receiver of the shipped file.")
    books_hours: float = Field(24, gt=0, description="So far back, what has been delivered is known at a start.")


class Lake(Section):
    checkpoint_seconds: float = Field(10, gt=0)
    bucket: str = Field("sluice-lake", pattern=r"^[a-z0-9.-]{3,63}$")
    prefix: str = Field("lake", pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")
    remember_ids_hours: int = Field(72, ge=1, description="How long after a row its repeat is still recognised.")
    roll_mib: int = Field(128, ge=1, description="A file that has grown so large is closed before its checkpoint.")
    compact_mib: int = Field(128, ge=1, le=1_024, description="How large `sluice compact` makes a file, about.")
    compact_after_days: int = Field(2, ge=0, description="It merges folders of days at least so long ago.")
    grace_hours: float = Field(
        72, gt=0, description="How long merged files stay for who has listed them; so old a checkpoint can be restored."
    )
    retention_days: Retention = Retention()


class Role(Section):
    members: tuple[str, ...] = Field(
        (), description="Logins of this machine; @name stands for all of a group of this machine."
    )
    sees: Literal["ends", "number"] = Field(
        "ends", description="ends: the first six and the last four digits at most; number: with --full all of them."
    )


class Vault(Section):
    """Who may look a card up by its token."""

    public_key: Path = Field(Path("build/keys/vault.public"), description="With source file: what the gate seals with.")
    private_key: Path = Field(
        Path("build/keys/vault.key"), description="With source file: who can read it can open the vault."
    )
    kms_key_id: str = Field(
        "alias/sluice-vault", min_length=1, description="With source kms: GenerateDataKey seals, Decrypt opens."
    )
    roles: dict[Annotated[str, Field(pattern=ROLE_NAME)], Role] = Field(default_factory=dict)


class Warehouse(Section):
    database: Path = Path("build/local/warehouse.duckdb")


class Local(Section):
    """The servers that `sluice up` starts on this machine."""

    home: Path = Path("build/local")
    kafka_port: Port = 19092
    kafka_controller_port: Port = 19093
    localstack_port: Port = 14566
    flink_port: Port = 18081
    metrics_port: Port | None = Field(
        None,
        le=65_000,
        description="With one, Prometheus finds the JobManager's metrics there, the TaskManagers' on the ports behind.",
    )
    zookeeper_port: Port | None = Field(
        None, description="With one, a JobManager that has died comes back with its jobs."
    )
    postgres_port: Port | None = Field(
        None, description="With one, PostgreSQL stands in there for the core-banking system of nightly.source."
    )
    task_managers: int = Field(2, ge=1)
    slots: int = Field(4, ge=1, description="Slots of each TaskManager.")
    task_manager_memory: str = Field("5g", pattern=r"^\d+[mg]$")
    managed_memory: str = Field(
        "1g",
        pattern=r"^\d+[mg]$",
        description="Of each TaskManager's memory, for RocksDB's caches and buffers, the same for each of its slots.",
    )


class Kubernetes(Section):
    """What `sluice deploy kubernetes` writes into its manifests."""

    image: str = Field("sluice:0.2.0", min_length=1)
    namespace: str = Field("default", pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    service_account: str = Field("flink", min_length=1)
    state: str = Field(
        "s3://sluice-state/flink", pattern=r"^s3://[^/]+(/.+)?$", description="Checkpoints, savepoints and recovery."
    )
    task_manager_memory: str = Field("4g", pattern=r"^\d+[mg]$", description="Each TaskManager has one slot.")
    task_manager_cpus: float = Field(1, gt=0)


class Settings(BaseSettings):
    """All settings. Read from `sluice.yaml`; `SLUICE_KAFKA__BOOTSTRAP=…` overrides one field."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    kafka: Kafka = Kafka()
    aws: Aws = Aws()
    fraud_detection: FraudDetection = FraudDetection()
    fraud_patterns: FraudPatterns = FraudPatterns()
    enrichment: Enrichment = Enrichment()
    hot_state: HotState = HotState()
    alert_episodes: AlertEpisodes = AlertEpisodes()
    alert_delivery: AlertDelivery = AlertDelivery()
    partner_files: PartnerFiles = PartnerFiles()
    lake: Lake = Lake()
    vault: Vault = Vault()
    warehouse: Warehouse = Warehouse()
    nightly: Nightly = Nightly()
    local: Local = Local()
    kubernetes: Kubernetes = Kubernetes()

    @model_validator(mode="after")
    def _lake_keeps_what_a_bootstrap_needs(self) -> Self:
        kept = self.lake.retention_days.decisions
        if kept is not None and kept < (needed := days_for_bootstrap(self.fraud_detection.gate.max_age_days)):
            raise ValueError(
                f"lake.retention_days.decisions: {kept} days are too few, `sluice bootstrap` reads decisions of "
                f"{needed}; set {needed} or more, or leave it out to keep all"
            )
        return self

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls,
        _: object,
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **__: object,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """Settings from `path`, or `sluice.yaml` where it exists, or the defaults; environment variables win.

    A file that ends in .json holds property groups of AWS Managed Service for Apache Flink; in a job that runs there,
    the service's own stands in for `sluice.yaml`. Raises SettingsError with one line per wrong field.
    """
    source = path or (property_groups.RUNTIME_FILE if property_groups.RUNTIME_FILE.exists() else DEFAULT_FILE)
    if path is not None and not path.exists():
        raise SettingsError(f"settings file {path} does not exist; name an existing file or leave --settings out")
    values = _values(source) if source.exists() else {}
    if not isinstance(values, dict):
        raise SettingsError(f"{source} must hold a mapping of sections, such as 'kafka:', not {type(values).__name__}")
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = [_words(problem) for problem in error.errors()]
        raise SettingsError(f"settings are wrong in {source} or the environment:\n  " + "\n  ".join(lines)) from error


def _values(source: Path) -> object:
    if source.suffix == ".json":
        try:
            return property_groups.read(source)
        except ValueError as error:
            raise SettingsError(f"{source} holds no property groups: {error}") from error
    try:
        return yaml.safe_load(source.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{source} is not valid YAML: {error}") from error


def _words(problem: ErrorDetails) -> str:
    """One line; what lies between fields names them itself."""
    if not problem["loc"]:
        return problem["msg"].removeprefix("Value error, ")
    got = re.sub(r":[^/:@]*@", ":…@", repr(problem["input"]))  # a password in an address
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']} (got {got})"


def with_checkpoints(settings: Settings, seconds: float, *jobs: str) -> Settings:
    """`settings` in which the sections `jobs` take a checkpoint at least every so many seconds."""
    sections = {name: getattr(settings, name) for name in jobs}
    often = {
        name: each.model_copy(update={"checkpoint_seconds": min(each.checkpoint_seconds, seconds)})
        for name, each in sections.items()
    }
    return settings.model_copy(update=often)


def dump(settings: Settings, path: Path) -> Path:
    """Write `settings` as YAML, for a job that is submitted with `--settings`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False), encoding="utf-8")
    return path
