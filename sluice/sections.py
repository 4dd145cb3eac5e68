"""What a section of the settings is, and those about systems of others: partners, and the core-banking system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from udfs.partner_files.schedule import cron

Port = Annotated[int, Field(ge=1, le=65535)]
HostKey = Annotated[str, Field(pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,3}$")]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartnerFeed(Section):
    """The files of one partner: the folder of its SFTP server where they lie, and who we are there."""

    contract: Literal["chargebacks"] = Field("chargebacks", description="What its files hold.")
    host: str = Field(min_length=1)
    port: Port = 22
    host_keys: tuple[HostKey, ...] = Field(min_length=1, description="Told by another way; any other is refused.")
    user: str = Field(min_length=1)
    private_key: Path = Field(description="An SSH key without a passphrase, which only its owner can read.")
    folder: str = Field(".", min_length=1)
    identity: Path = Field(description="The age key that files are encrypted for, which only its owner can read.")
    most_mib: int = Field(64, ge=1, le=1_024, description="A larger file is not fetched.")
    most_plain_mib: int = Field(256, ge=1, le=4_096, description="One that unpacks to more is held back.")
    timeout_seconds: float = Field(30, gt=0, description="For each answer of the server.")


class PartnerFiles(Section):
    home: Path = Field(Path("build/local/partner_files"), description="What is under way, and what is held back.")
    schedule: Annotated[str, AfterValidator(cron)] = Field("0 6 * * 1", description="Of its `run`: cron's form, UTC.")
    again_minutes: float = Field(15, gt=0, description="So long after a server did not answer, it looks again.")
    feeds: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], PartnerFeed] = {}


class Nightly(Section):
    source: str = Field(
        "postgresql://sluice@127.0.0.1:15432/postgres",
        pattern=r"^postgres(ql)?://([^/:@]*@)?[^/@]+(/.*)?$",
        description="The core-banking system's PostgreSQL; a password stands in PGPASSWORD or ~/.pgpass, never here.",
    )
    attempts: int = Field(5, ge=1, description="How often it is asked while it does not answer.")
    retry_seconds: float = Field(60, gt=0, description="After so long it is not asked again.")
    statement_seconds: int = Field(600, ge=1, description="A query that takes longer is given up.")
    most_named: int = Field(1_000, ge=1, description="Of each check, so many findings are kept; all are counted.")
