"""Numbers as articles write them: 5万, 32,696, 三百余, 两千多万, 百分之六十五."""

import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_LONGEST = 24
_LARGEST = 10**14
_CHINESE = r"[零〇一二两三四五六七八九十百千万亿]+"
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ABOUT = r"近|约|逾|超过|超|上|将近|大约|至少|不少于|超出|达到|突破|接近"

_SOME = re.compile(r"几$|(?<![总人户件次个名项票字分])数$")
NUMBER = re.compile(
    rf"(?P<before>{_ABOUT})?(?P<percent>百分之)?"
    rf"(?:(?P<arabic>{_ARABIC})(?P<low>[千万亿](?=\s*[-—~至到]))?(?P<to>\s*[-—~至到]{{1,2}}\s*(?P<upper>{_ARABIC}))?\s*"
    rf"(?P<more>[余多])?(?P<scale>[十百千万亿]{{1,2}})?"
    rf"|(?P<chinese>{_CHINESE})(?:(?P<more_c>[余多几])(?P<scale_c>[万亿])?)?(?:点(?P<fraction>[零〇一二三四五六七八九]+))?)"
    r"(?P<after>[余多])?"
)


@dataclass(frozen=True)
class Number:
    """A number in a text; `upper` is set where a range is given."""

    start: int
    end: int
    value: int | float
    qualifier: str = ""
    upper: int | float | None = None
    percent: bool = False
    arabic: bool = True
    # The words themselves, without 约 and the like.
    written: str = ""


def read_chinese(text: str) -> int | None:
    """Return the value of a Chinese numeral, or None where it is none: 千方百计 has 千 alone."""
    if not text or len(text) > _LONGEST:
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, None
    for character in text:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
            continue
        unit = _UNITS[character]
        if unit < 10_000:
            section += (1 if digit is None else digit) * unit
        else:
            section = (section + (digit or 0)) or 1
            total = (total + section) * unit if unit > 10_000 else total + section * unit
            section = 0
        digit = None
    return total + section + (digit or 0)


def numbers(text: str) -> list[Number]:
    """Return every number of a plain text, whatever it counts."""
    found = []
    for match in NUMBER.finditer(text):
        if len(match.group()) > _LONGEST:
            continue
        number = _arabic(match) if match["arabic"] else _chinese(match)
        # Longer ones are no counts, and would not fit the database.
        if number and number.value >= _LARGEST:
            continue
        # 几十, 数百: nobody knows how many; but 总数534个 and 人数近百.
        if number and (match["before"] or not _SOME.search(text[: match.start()])):
            found.append(number)
    return found


def _qualifier(match: re.Match[str], more: str | None) -> str:
    before = match["before"] or ""
    # 达到 says nothing about exactness, and the 上 of 以上 stands elsewhere.
    return ("" if before in ("达到", "突破") else before) or (more or "")


def _arabic(match: re.Match[str]) -> Number:
    scale = 1
    for character in match["scale"] or "":
        scale *= _UNITS[character]
    upper = match["upper"]
    return Number(
        match.start(),
        match.end(),
        _plain(Decimal(match["arabic"].replace(",", "")) * scale),
        _qualifier(match, match["more"] or match["after"]),
        _plain(Decimal(upper.replace(",", "")) * scale) if upper else None,
        bool(match["percent"]),
        True,
        match.group().removeprefix(match["before"] or ""),
    )


def _chinese(match: re.Match[str]) -> Number | None:
    written = match["chinese"]
    value = read_chinese(written)
    more = match["more_c"] or match["after"]
    if value is None or match["more_c"] == "几":
        return None
    if match["scale_c"]:
        value *= _UNITS[match["scale_c"]]
    exact: int | float = value
    if match["fraction"]:
        if not match["percent"]:
            return None
        exact = float(f"{value}.{read_chinese(match['fraction'])}")
    # 七八户, 三五个: nobody knows how many.
    if len(written) == 2 and all(_DIGITS.get(c, 0) for c in written):
        return None
    # 百人、千家: a bare unit counts only where something says that it is a count.
    if written[0] in "百千万亿" and not (more or match["before"] or match["percent"]):
        return None
    return Number(
        match.start(),
        match.end(),
        exact,
        _qualifier(match, more),
        None,
        bool(match["percent"]),
        False,
        match.group().removeprefix(match["before"] or ""),
    )


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
