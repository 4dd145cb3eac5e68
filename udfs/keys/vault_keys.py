"""Who may seal cards for the token vault, and who may open them again: two different keys, or permissions, on purpose.

The gate has a data key of its own for as long as it runs, and what that key is wrapped in stands beside whatever it
sealed. The gate can't unwrap.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from udfs.keys.file import read_private, write_private
from udfs.keys.ring import KEY_BYTES, KeysError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_PURPOSE = "sluice-token-vault"


class DataKey(NamedTuple):
    plain: bytes
    wrapped: bytes

    def __repr__(self) -> str:
        return "DataKey(…)"


class VaultKeys(Protocol):
    def create(self) -> None:
        """Make what is missing. Raises KeysError."""

    def data_key(self) -> DataKey:
        """A new key to seal with. Raises KeysError."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """A data key from what it was wrapped in; the caller needs the right to. Raises KeysError."""


class KmsVaultKeys:
    """To seal takes kms:GenerateDataKey on the key, to open kms:Decrypt: who has that is a matter of IAM."""

    def __init__(self, kms: KMSClient, key_id: str) -> None:
        self._kms, self._key_id = kms, key_id

    def create(self) -> None:
        """Nothing is missing: KMS keeps the key."""

    def data_key(self) -> DataKey:
        try:
            made = self._kms.generate_data_key(
                KeyId=self._key_id, NumberOfBytes=KEY_BYTES, EncryptionContext={"purpose": _PURPOSE}
            )
        except (BotoCoreError, ClientError) as error:
            raise KeysError(f"AWS does not give a key for the token vault: {error}") from None
        return DataKey(made["Plaintext"], made["CiphertextBlob"])

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            answer = self._kms.decrypt(
                CiphertextBlob=wrapped, KeyId=self._key_id, EncryptionContext={"purpose": _PURPOSE}
            )
        except (BotoCoreError, ClientError) as error:
            raise KeysError(f"AWS does not open the token vault for you: {error}") from None
        return answer["Plaintext"]


class FileVaultKeys:
    """A pair of X25519 keys. The gate needs the public one; who can read the private one can open the vault.

    A data key is agreed on between the public one and a pair made for it alone, whose public half is what wraps it.
    """

    def __init__(self, public: Path, private: Path) -> None:
        self._public, self._private = public, private

    def create(self) -> None:
        if self._public.exists():
            return
        key = X25519PrivateKey.generate()
        if not write_private(self._private, key.private_bytes_raw().hex(), exclusive=True):
            raise KeysError(f"{self._private} is there without {self._public}; restore both from their backup")
        self._public.parent.mkdir(parents=True, exist_ok=True)
        self._public.write_text(key.public_key().public_bytes_raw().hex(), encoding="utf-8")

    def data_key(self) -> DataKey:
        try:
            public = X25519PublicKey.from_public_bytes(bytes.fromhex(self._public.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise KeysError(f"vault key {self._public} is missing or damaged; restore it from its backup") from None
        own = X25519PrivateKey.generate()
        wrapped = own.public_key().public_bytes_raw()
        return DataKey(_derived(own.exchange(public), wrapped), wrapped)

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            key = X25519PrivateKey.from_private_bytes(bytes.fromhex(read_private(self._private)))
            return _derived(key.exchange(X25519PublicKey.from_public_bytes(wrapped)), wrapped)
        except KeysError as error:
            raise KeysError(f"vault key {self._private}: {error}") from None
        except ValueError:
            raise KeysError(f"vault key {self._private} is damaged; restore it from its backup") from None


def _derived(shared: bytes, wrapped: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=wrapped, info=_PURPOSE.encode()).derive(shared)
