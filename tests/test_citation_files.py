"""RIS, BibTeX and CSL-JSON as parsers that are not ours read them: nothing lost, nothing added."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from django.test import Client
from pybtex.database import Person, parse_string
from pybtex.richtext import Text

from cases.models import Source
from cases.outputs import citations
from cases.outputs.citations import Item

from . import make
from .test_citations import DAY, GOLDEN, file_of

# Everything at once, with what each format could take for its own signs.
RICH = Item(
    key="case1v3",
    kind=citations.WEBPAGE,
    title="“1+(1+3+1)”行动：50% A&B_C#D$E~F^G\\H <i>斜</i>, 'a' and \"b\" @x",
    authors=("徐汇区政府", "张三", "Li Si", "甲 and 乙", "丙, 丁"),
    container="社区治理案例库",
    date="2014-12-31",
    url="http://e.org/a_b?x=1&y=%20~#z",
    abstract="第一行\n第二行 TY  - 不是标记",
    keywords=("停车", "养老 & 助老"),
)
MONTH = Item(key="m", kind=citations.JOURNAL, title="论题", container="学报", date="2017-02")
ITEMS = [RICH, MONTH, *(row[0] for row in GOLDEN)]
KINDS = {
    "ELEC": citations.WEBPAGE,
    "NEWS": citations.NEWSPAPER,
    "STAT": citations.POLICY,
    "BOOK": citations.BOOK,
    "JOUR": citations.JOURNAL,
    "DATA": citations.DATASET,
}


def visited(item: Item) -> str:
    return (item.accessed or DAY.isoformat()) if item.url else ""


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_ris_comes_back_equal() -> None:
    found = rispy.loads(file_of("ris", *ITEMS))
    assert len(found) == len(ITEMS)
    for entry, item in zip(found, ITEMS, strict=True):
        year, _, rest = entry.pop("date", "").partition("/")
        got = {
            "key": entry.pop("id"),
            "kind": KINDS[entry.pop("type_of_reference")],
            "title": entry.pop("title"),
            "authors": tuple(entry.pop("authors", ())),
            "container": entry.pop("secondary_title", "") or entry.pop("publisher", ""),
            "number": entry.pop("note", ""),
            "date": "-".join([year, *filter(None, rest.split("/"))]),
            "page": entry.pop("start_page", ""),
            "url": "".join(entry.pop("urls", ())),
            "abstract": entry.pop("abstract", ""),
            "keywords": tuple(entry.pop("keywords", ())),
            "accessed": entry.pop("access_date", "").strip("/").replace("/", "-"),
        }
        expected = vars(item) | {"accessed": visited(item), "abstract": one_line(item.abstract)}
        assert got == expected
        assert entry == {"language": "zh-CN"}


def plain(latex: str) -> str:
    """Return text as TeX prints it; the decoder leaves alone what has a part in mathematics."""
    for written, printed in ((r"\$", "$"), (r"\textasciicircum{}", "^")):
        latex = latex.replace(written, printed)
    return str(Text.from_latex(latex))


def whole(person: Person) -> str:
    """Return a name that was braced, which has to be one word to BibTeX."""
    assert not person.first_names + person.middle_names + person.prelast_names
    (name,) = person.last_names
    return plain(name)


def test_bibtex_comes_back_equal() -> None:
    found = parse_string(file_of("bib", *ITEMS), "bibtex").entries
    assert list(found) == [item.key for item in ITEMS]
    for item in ITEMS:
        entry = found[item.key]
        fields = dict(entry.fields)
        got = {
            "title": plain(fields.pop("title")),
            "authors": tuple(map(whole, entry.persons.get("author", []))),
            "container": plain(
                fields.pop("journal", "")
                or fields.pop("publisher", "")
                or fields.pop("organization", "")
            ),
            "number": plain(fields.pop("number", "")),
            "date": fields.pop("date", ""),
            "page": fields.pop("pages", ""),
            "url": fields.pop("url", ""),  # verbatim
            "keywords": plain(fields.pop("keywords", "")),
            "accessed": fields.pop("urldate", ""),
        }
        expected = vars(item) | {"accessed": visited(item), "keywords": ", ".join(item.keywords)}
        # A newspaper is an article, a policy or a data set a document; abstracts are left out.
        for lost in ("key", "kind", "abstract"):
            del expected[lost]
        assert got == expected
        assert fields.pop("year", "") == item.date[:4]
        assert fields == {"langid": "chinese"}
        assert entry.type == {
            citations.WEBPAGE: "online",
            citations.NEWSPAPER: "article",
            citations.JOURNAL: "article",
            citations.BOOK: "book",
        }.get(item.kind, "misc")


CSL_TYPES = {
    "webpage": citations.WEBPAGE,
    "article-newspaper": citations.NEWSPAPER,
    "regulation": citations.POLICY,
    "book": citations.BOOK,
    "article-journal": citations.JOURNAL,
    "dataset": citations.DATASET,
}


def iso(parts: Any) -> str:
    """Return the date of a CSL processor in ISO 8601."""
    if not parts:
        return ""
    numbers = [parts[name] for name in ("year", "month", "day") if name in parts]
    return "-".join(f"{number:02}" for number in numbers)


def test_csl_json_comes_back_equal() -> None:
    found = CiteProcJSON(json.loads(file_of("csl.json", *ITEMS)))
    assert list(found) == [item.key for item in ITEMS]
    for item in ITEMS:
        entry = dict(found[item.key])
        got = {
            "key": entry.pop("key"),
            "kind": CSL_TYPES[entry.pop("type")],
            "title": str(entry.pop("title")),
            "authors": tuple(name["literal"] for name in entry.pop("author", ())),
            "container": str(entry.pop("container_title", "") or entry.pop("publisher", "")),
            "number": str(entry.pop("number", "")),
            "date": iso(entry.pop("issued", None)),
            "page": str(entry.pop("page", "")),
            "url": str(entry.pop("URL", "")),
            "abstract": str(entry.pop("abstract", "")),
            "keywords": str(entry.pop("keyword", "")),
            "accessed": iso(entry.pop("accessed", None)),
        }
        expected = vars(item) | {"accessed": visited(item), "keywords": ", ".join(item.keywords)}
        assert got == expected
        assert entry == {"language": "zh-CN"}


def schema() -> Any:
    """The official schema, of citation-style-language/schema."""
    file = Path(__file__).parent / "vendor" / "csl-data.json"
    return json.loads(file.read_text(encoding="utf-8"))


def test_csl_json_meets_the_official_schema() -> None:
    jsonschema.validate(json.loads(file_of("csl.json", *ITEMS)), schema())


@pytest.mark.django_db
def test_what_the_site_really_sends_can_be_read(client: Client, real_cases: None) -> None:
    keys = Source.objects.public().values_list("key", flat=True)
    sources = [f"/sources/{key}" for key in keys]
    policies = [f"/policies/{pk}" for pk in (1, 12, 17, 18, 19, 20)]
    for stem in ["/cases/5", "/cases/5/v1", "/collection", "/cases", *policies, *sources]:
        ris, bib, csl = (
            b"".join(client.get(f"{stem}.{suffix}")).decode()
            for suffix in ("ris", "bib", "csl.json")
        )
        entries = json.loads(csl)
        jsonschema.validate(entries, schema())
        titles = [one_line(entry["title"]) for entry in entries]
        assert titles, stem
        assert [entry["title"] for entry in rispy.loads(ris)] == titles
        read = parse_string(bib, "bibtex").entries.values()
        assert [plain(entry.fields["title"]) for entry in read] == titles, stem


@pytest.mark.django_db
def test_a_policy_and_a_source_have_files_of_the_right_kind(client: Client) -> None:
    policy = make.make_policy(
        title="条例",
        number="沪府发〔2021〕2号",
        issuer="甲委、乙府",
        issued="2021-03",
        original_url="https://e.org/full",
    )
    (entry,) = rispy.loads(client.get(f"/policies/{policy.pk}.ris").content.decode())
    assert entry["type_of_reference"] == "STAT"
    assert entry["authors"] == ["甲委", "乙府"]
    assert entry["note"] == "沪府发〔2021〕2号"
    assert entry["urls"] == ["https://e.org/full"]
    policy.original_url = ""
    policy.save()
    (entry,) = rispy.loads(client.get(f"/policies/{policy.pk}.ris").content.decode())
    assert "urls" not in entry  # It is not this site that published it.
    source = make.make_source(
        key="paper", kind="报纸", publisher="某报", accessed=date(2020, 1, 2), url="http://e.org/"
    )
    policy.statements.create(order=1, kind="measure", text="要求", grade="C", source=source)
    (entry,) = rispy.loads(client.get("/sources/paper.ris").content.decode())
    assert entry["type_of_reference"] == "NEWS"
    assert entry["secondary_title"] == "某报"
    assert entry["access_date"] == "2020/01/02/"
