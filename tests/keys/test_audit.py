"""Who may look a card up, and what a command takes for a token or a role."""

from __future__ import annotations

import grp
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sluice.errors import SluiceError
from sluice.keys import audit, options, vault
from sluice.settings import Keys, Role, Vault
from tests.udfs.transactions import CARD

ME = audit.login()
GROUP = grp.getgrgid(os.getgid()).gr_name


def refusal(role: Role, *, number: bool = False) -> str | None:
    return audit.refusal(Vault(roles={"desk": role}), "desk", ME, number=number)


def test_members_may_and_nobody_else() -> None:
    assert refusal(Role(members=(ME,))) is None
    assert refusal(Role(members=("another", f"@{GROUP}"))) is None
    assert refusal(Role(members=("another", "@no-such-group"))) == (
        f"{ME} is no member of the role desk; see vault.roles.desk.members in the settings"
    )
    assert audit.refusal(Vault(), "desk", ME, number=False) == (
        "there is no role 'desk' in vault.roles of the settings, which have: none"
    )


def test_the_whole_number_takes_a_role_that_says_so() -> None:
    assert refusal(Role(members=(ME,), sees="number"), number=True) is None
    assert "sees the ends" in (refusal(Role(members=(ME,)), number=True) or "")


def test_an_environment_does_not_say_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "another")
    assert audit.login() == ME


@given(st.text("0123456789", min_size=13, max_size=19))
def test_a_screen_shows_the_ends_at_most(number: str) -> None:
    shown = vault.ends(number)
    assert (len(shown), shown[:6], shown[-4:]) == (len(number), number[:6], number[-4:])
    assert set(shown[6:-4]) == {"*"}


@pytest.mark.parametrize("text", [CARD, "", "k1_", "k1_" + "0" * 63, "k 1_" + "0" * 64, f"{CARD}_" + "0" * 64])
def test_what_is_no_token_does_not_get_into_the_books(text: str) -> None:
    with pytest.raises(SluiceError, match="no token") as caught:
        options._whole_token(text)
    assert not text or text not in str(caught.value)
    with pytest.raises(SluiceError, match="--role"):
        options._role_name(CARD)


def test_wrong_settings_are_named() -> None:
    with pytest.raises(ValidationError, match="lease_seconds must be at least twice refresh_seconds"):
        Keys(refresh_seconds=10, lease_seconds=19)
    with pytest.raises(ValidationError, match="roles"):
        Vault(roles={"1": Role()})
