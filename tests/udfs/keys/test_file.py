from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from udfs.keys.file import KeyFile
from udfs.keys.ring import KeysError


def test_a_key_file_is_made_once_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.key"
    assert KeyFile(path).create()
    first = KeyFile(path).read()
    assert not KeyFile(path).create()
    assert KeyFile(path).read() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["token.key"]


def test_a_rotation_adds_a_key_and_keeps_those_before(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "token.key")
    file.create()
    (first,) = file.read().keys
    added = file.add(1_000)
    assert file.read().keys == (first, added)
    assert (added.from_ms, added.kid != first.kid, len(added.key)) == (1_000, True, 32)
    with pytest.raises(KeysError, match=f"key {added.kid} is yet to take effect"):
        file.add(1_000)
    assert file.read().keys == (first, added)
    assert stat.S_IMODE((tmp_path / "token.key").stat().st_mode) == 0o600


def _written(path: Path, content: str) -> KeyFile:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    return KeyFile(path)


def test_the_one_key_of_an_earlier_release_holds_from_the_beginning(tmp_path: Path) -> None:
    file = _written(tmp_path / "token.key", json.dumps({"kid": "old", "key": "ab" * 32}))
    (key,) = file.read().keys
    assert (key.kid, key.key, key.from_ms) == ("old", b"\xab" * 32, 0)
    added = file.add(5)
    assert [each.kid for each in file.read().keys] == ["old", added.kid]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    KeyFile(path).create()
    path.chmod(0o644)
    with pytest.raises(KeysError, match="chmod 600"):
        KeyFile(path).read()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"kid": "a", "key": "zz"}',
        '{"kid": "a", "key": "00"}',
        '{"kid": "a b", "key": "' + "00" * 32 + '"}',
        '{"keys": []}',
        '{"keys": [{"kid": "a", "key": "' + "00" * 32 + '", "from_ms": 5}]}',
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    with pytest.raises(KeysError, match=r"token\.key") as caught:
        _written(tmp_path / "token.key", content).read()
    assert "00" * 32 not in str(caught.value)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="does not exist"):
        KeyFile(tmp_path / "no.key").read()


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    KeyFile(tmp_path / "token.key").create()
    ring = KeyFile(tmp_path / "token.key").read()
    assert repr(ring.keys[0].key) not in repr(ring)
    assert ring.keys[0].key.hex() not in repr(ring)
