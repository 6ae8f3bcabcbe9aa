"""Small articles written for tests, and what the project knows of places, without a database."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cases.importing import extraction, gazetteer, reading
from cases.importing.article import Article, Paragraph

FOLDER = Path(__file__).resolve().parent
FIXTURES = FOLDER.parent.parent / "fixtures"


def _rows(name: str, model: str) -> list[dict[str, Any]]:
    rows = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return [row["fields"] for row in rows if row["model"] == f"cases.{model}"]


@cache
def known() -> gazetteer.Gazetteer:
    """Return what the database holds after `bootstrap`."""
    return gazetteer.Gazetteer(
        districts={
            d["slug"]: gazetteer.DistrictName(
                d["slug"],
                d["name"],
                d["short_name"],
                d["dissolved"],
                d["merged_into"][0] if d["merged_into"] else "",
            )
            for d in _rows("places", "district")
        },
        subdistricts={
            s["code"]: gazetteer.SubdistrictName(s["code"], s["name"], s["district"][0])
            for s in _rows("places", "subdistrict")
        },
        aliases=tuple(
            gazetteer.AliasName(
                a["name"], a["kind"], (a["subdistrict"] or a["district"])[0], a["until"]
            )
            for a in _rows("places", "placealias")
        ),
        policies=tuple(
            gazetteer.PolicyName(p["key"], p["title"], p["number"], tuple(p["aliases"]))
            for p in _rows("policies", "policydocument")
        ),
        **{
            f"{model}s": {t["slug"]: t["name"] for t in _rows("vocabulary", model)}
            for model in ("topic", "mechanism", "actor")
        },
    )


def article(text: str, title: str = "", date: str = "") -> Article:
    """Return an article of these paragraphs, one a line."""
    paragraphs = (
        Paragraph(line, "text", number) for number, line in enumerate(text.split("\n"), start=1)
    )
    return Article(title, date=date, paragraphs=tuple(paragraphs))


@cache
def found_in(name: str) -> dict[str, Any]:
    """Return what `import_article --json` prints for one of the articles here."""
    data = (FOLDER / name).read_bytes()
    findings = extraction.find(reading.read(data), known())
    return extraction.to_json(findings, known())


def names_of(codes: list[str]) -> set[str]:
    return {known().subdistricts[code].name for code in codes}
