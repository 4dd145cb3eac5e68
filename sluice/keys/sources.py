"""Who keeps the token keys and the vault's, by the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sluice import aws
from sluice.errors import SluiceError
from sluice.settings import Aws, Keys, Settings, Vault
from udfs.keys.file import KeyFile
from udfs.keys.kms import KmsKeys
from udfs.keys.ring import KeyRing, KeysError, KeySource
from udfs.keys.vault_keys import FileVaultKeys, KmsVaultKeys, VaultKeys


def token_keys(keys: Keys, away: Aws) -> KeySource:
    if keys.source == "file":
        return KeyFile(keys.file)
    return KmsKeys(aws.kms(away), aws.s3_of_keys(away), keys.kms_key_id, keys.ring)


def vault_keys(keys: Keys, vault: Vault, away: Aws) -> VaultKeys:
    if keys.source == "file":
        return FileVaultKeys(vault.public_key, vault.private_key)
    return KmsVaultKeys(aws.kms(away), vault.kms_key_id)


def made(values: Settings) -> KeyRing:
    """All token keys, made on first use together with the vault's. Raises KeysError."""
    keys = values.fraud_detection.gate.keys
    source, vault = token_keys(keys, values.aws), vault_keys(keys, values.vault, values.aws)
    source.create()
    vault.create()
    vault.data_key()
    return source.read()


def ring(values: Settings) -> KeyRing:
    """All token keys; none is made, so that keys which are away are not taken for new. Raises KeysError."""
    return token_keys(values.fraud_detection.gate.keys, values.aws).read()


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with keys, as a command says it."""
    try:
        yield
    except KeysError as error:
        raise SluiceError(str(error)) from error
