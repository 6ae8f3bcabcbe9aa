"""Settings as the environment gives them: always text, read here into types."""

import os

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str = "") -> str:
    """Return the variable without outer blanks; an empty variable counts as not set."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """Refuse what is not clearly true or false: a typing error must not open a door."""
    word = text(name).lower()
    if not word:
        return default
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"环境变量 {name} 应为 true 或 false，现为 {word!r}。")


def number(name: str, *, default: int) -> int:
    """Refuse anything but a whole number, zero or more."""
    digits = text(name)
    if not digits:
        return default
    if not (digits.isascii() and digits.isdigit()):
        raise ImproperlyConfigured(f"环境变量 {name} 应为不小于 0 的整数，现为 {digits!r}。")
    return int(digits)


def words(name: str) -> list[str]:
    """Split at commas; a trailing comma adds nothing."""
    return [word.strip() for word in text(name).split(",") if word.strip()]
