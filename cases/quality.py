"""What stands in the way of publishing a record, in words that an editor can act on."""

import re
from dataclasses import dataclass
from typing import Any

from .codebook import SECTION_TITLES

MARK = re.compile(r"\[\^(\d{1,4})\]")


@dataclass(frozen=True)
class Problem:
    """One thing to mend: the admin form's field that it concerns, and what to do."""

    field: str
    message: str


def marks(text: str | None) -> set[int]:
    """Return the evidence numbers that a section's marks point at."""
    return {int(number) for number in MARK.findall(text or "")}


def problems(record: dict[str, Any]) -> list[Problem]:
    """Return what is missing; an empty list means that the record may be published."""
    found = [Problem(field, message) for field, message, missing in _basics(record) if missing]
    numbers = {item["number"] for item in record["evidence"]}
    for name, title in SECTION_TITLES.items():
        text = record["sections"][name]
        if not text:
            continue
        used = marks(text)
        if not used:
            found.append(Problem(name, f"“{title}”没有出处标记：请在句末写 [^1] 这样的编号。"))
        found += [
            Problem(name, f"“{title}”引用了编号 {number}，但没有这条出处。")
            for number in sorted(used - numbers)
        ]
    found += [
        Problem("figures", f"数据“{figure['label']}”没有出处。")
        for figure in record["figures"]
        if figure["evidence"] is None
    ]
    return found


def _basics(record: dict[str, Any]) -> list[tuple[str, str, bool]]:
    scope, evidence = record["scope"], record["evidence"]
    has_place = record["districts"] or record["subdistricts"]
    return [
        ("title", "请填写标题。", not record["title"].strip()),
        ("summary", "请写一两句摘要。", not record["summary"]),
        ("scope", "请选择范围。", not scope),
        (
            "districts",
            "请至少选择一个区或街镇；涉及全市的，范围选“全市”。",
            bool(scope) and scope != "全市" and not has_place,
        ),
        ("topics", "请至少选择一个议题。", not record["topics"]),
        (
            "themes",
            "请至少选择一个改革主题，或写明“无主题的理由”。",
            not record["themes"] and not record["theme_note"],
        ),
        ("evidence", "没有来源的案例不能发布：请至少填写一条出处。", not evidence),
        ("approach", "正文五部分至少写一部分。", not any(record["sections"].values())),
    ]
