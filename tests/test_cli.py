"""Every verb is found by the name that a person types."""

from __future__ import annotations

from typer.testing import CliRunner

from sluice import cli


def test_a_verb_of_two_words_has_a_hyphen() -> None:
    names = [each.name for each in cli.verbs()]
    assert "check-upgrade" in names
    assert not [each for each in names if "_" in each]
    shown = CliRunner().invoke(cli.application(["check-upgrade"]), ["check-upgrade", "--help"])
    assert shown.exit_code == 0
    assert "SAVEPOINT" in shown.output


def test_every_verb_has_its_help() -> None:
    for verb in cli.verbs():
        for inner in cli.verbs(verb.inner) if verb.inner else [None]:
            words = [verb.name, *([inner.name] if inner else [])]
            shown = CliRunner().invoke(cli.application(words), [*words, "--help"])
            assert shown.exit_code == 0, words
            assert (inner or verb).summary.split(".")[0].split()[0] in shown.output


def test_a_folder_is_a_group_of_verbs() -> None:
    (group,) = [each for each in cli.verbs() if each.name == "rules"]
    assert group.inner
    assert {"check", "test", "explain", "values"} == {each.name for each in cli.verbs(group.inner)}
    shown = CliRunner().invoke(cli.application(["rules", "check"]), ["rules", "check", "--help"])
    assert shown.exit_code == 0
    assert "[FILE]" in shown.output
