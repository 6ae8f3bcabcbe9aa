"""governance/env.py: what the environment may say, and what is refused."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from governance import env


@pytest.mark.parametrize("word", ["1", "true", "True", "YES", "on", " true "])
def test_a_clear_yes_is_true(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("A_FLAG", word)
    assert env.flag("A_FLAG", default=False) is True


@pytest.mark.parametrize("word", ["0", "false", "No", "OFF"])
def test_a_clear_no_is_false(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("A_FLAG", word)
    assert env.flag("A_FLAG", default=True) is False


@pytest.mark.parametrize("word", ["ture", "2", "是", "none"])
def test_an_unclear_flag_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("A_FLAG", word)
    with pytest.raises(ImproperlyConfigured, match="A_FLAG"):
        env.flag("A_FLAG", default=False)


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_flag_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.setenv("A_FLAG", " ")
    assert env.flag("A_FLAG", default=default) is default


def test_text_loses_its_outer_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TEXT", " 值 ")
    assert env.text("A_TEXT") == "值"
    assert env.text("ANOTHER_TEXT", "默认") == "默认"


def test_words_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "a.example, b.example,,")
    assert env.words("WORDS") == ["a.example", "b.example"]
    assert env.words("NO_WORDS") == []


def test_a_number_is_read_or_defaulted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "60")
    assert env.number("A_NUMBER", default=5) == 60
    assert env.number("ANOTHER_NUMBER", default=5) == 5


@pytest.mark.parametrize("digits", ["-1", "1.5", "一", "²"])
def test_what_is_no_whole_number_is_refused(monkeypatch: pytest.MonkeyPatch, digits: str) -> None:
    monkeypatch.setenv("A_NUMBER", digits)
    with pytest.raises(ImproperlyConfigured, match="A_NUMBER"):
        env.number("A_NUMBER", default=5)
