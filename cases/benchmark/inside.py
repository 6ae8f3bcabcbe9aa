"""What is asked or measured inside a process of the site: python -m cases.benchmark.inside JOB…

Prints one JSON object. The database is the one that DATABASE_URL names.
"""

import json
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

PUBLICATIONS = 50
WORDS = 24
SECONDS_OF_LOOKING = 60
NOT_THERE = ["鲸鱼", "恐龙", "火山", "企鹅", "沙漠", "骆驼", "极光", "冰川", "珊瑚", "赤道", "彗星"]
NOT_THERE += [
    "陨石",
    "犀牛",
    "羚羊",
    "鳄鱼",
    "鹦鹉",
    "蜥蜴",
    "章鱼",
    "海豚",
    "猎豹",
    "袋鼠",
    "考拉",
]
CHARACTERS = "车老党水楼网树花狗电书歌茶船灯球"


def words() -> dict[str, list[str]]:
    """Return words of every heat, as they stand in this corpus: class -> words."""
    from pyroaring import BitMap

    from cases.benchmark import words as vocabulary
    from cases.models import Initiative
    from cases.search.index import index
    from cases.search.text import Phrase

    draw = random.Random(1)  # noqa: S311 - reproducible, not secret
    total = Initiative.objects.published().count()
    until = time.monotonic() + SECONDS_OF_LOOKING

    def heat(word: str) -> float:
        return len(BitMap.union(*index().find(Phrase.of(word)))) / total

    def chosen(candidates: Iterable[str], fits: Callable[[float], bool]) -> list[str]:
        found: list[str] = []
        for word in candidates:
            if len(found) == WORDS or time.monotonic() > until:
                break
            if fits(heat(word)):
                found.append(word)
        return found

    lists = (vocabulary.WHO, vocabulary.PLACE, vocabulary.MATTER, vocabulary.EFFECT)
    known = [word for group in lists for word in group]
    pairs = sorted({word[i : i + 2] for word in known for i in range(len(word) - 1)})
    names = [a + b for a in vocabulary.RARE_FIRST for b in vocabulary.RARE_SECOND]
    specials = [word for word in vocabulary.SPECIAL if len(word) == 2]
    triples = sorted({word[i : i + 3] for word in known for i in range(len(word) - 2)})
    for group in (pairs, names, triples):
        draw.shuffle(group)
    hot = chosen(pairs, lambda share: 0.2 <= share <= 0.6)
    middle = chosen([*specials, *names], lambda share: 0.004 <= share <= 0.025)
    most_rare = max(0.0003, 2 / total)
    return {
        "单字": list(CHARACTERS),
        "热词（两字，20%–60% 的案例）": hot,
        "中等（两字，约 1%）": middle,
        "少见（两字，约 0.01%）": chosen(names, lambda share: 0 < share <= most_rare),
        "没有的词": chosen(NOT_THERE, lambda share: share == 0),
        "三字词": triples[:WORDS],
        "短语（引号内七字）": _phrases(draw),
        "两个词": [f"{a} {b}" for a, b in zip(hot, reversed(middle), strict=False)],
        "每个标题都有的词": ["合成案例", "合成", "成案", "案例", "合成案"],
    }


def _phrases(draw: random.Random) -> list[str]:
    from cases.models import Initiative

    ids = list(Initiative.objects.published().values_list("pk", flat=True)[:10_000])
    texts = Initiative.objects.filter(pk__in=draw.sample(ids, min(WORDS, len(ids))))
    phrases = []
    for text in texts.values_list("approach", flat=True):
        clause = max(text.replace("，", "。").split("。")[:6], key=len)
        phrases.append(f'"{clause[:7]}"')
    return phrases


def describe() -> dict[str, Any]:
    """Return what the pages to be asked for depend on, and the database's version."""
    from django.db import connection

    from cases.models import District, Initiative, Theme

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            version = f"SQLite {sqlite3.sqlite_version}"
        else:
            cursor.execute("SHOW server_version")
            version = f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
    ids = Initiative.objects.published().order_by("pk").values_list("pk", flat=True)
    return {
        "version": version,
        "cases": ids.count(),
        "districts": list(District.objects.filter(dissolved="").values_list("slug", flat=True)),
        "themes": list(Theme.objects.values_list("slug", flat=True)),
        "ids": list(ids[:400]),
        "words": words(),
    }


def publish() -> dict[str, float]:
    """Withdraw and publish again: the median milliseconds of each."""
    from cases import publishing
    from cases.models import Initiative

    draw = random.Random(2)  # noqa: S311 - reproducible, not secret
    ids = list(Initiative.objects.published().order_by("pk").values_list("pk", flat=True))
    spent: dict[str, list[float]] = {"publish": [], "withdraw": []}
    for pk in draw.sample(ids, min(PUBLICATIONS, len(ids))):
        case = Initiative.objects.get(pk=pk)
        began = time.perf_counter()
        publishing.withdraw(case, None, "测速")
        between = time.perf_counter()
        publishing.publish(case, note="测速")
        spent["withdraw"].append(between - began)
        spent["publish"].append(time.perf_counter() - between)
    return {name: statistics.median(values) * 1000 for name, values in spent.items()}


def flatten(file: str) -> dict[str, int]:
    """Write the published cases as one flat table for Datasette, indexed facet by facet."""
    from cases.records import load_all

    facets = ("district", "subdistrict", "theme", "topic", "year", "status")
    Path(file).unlink(missing_ok=True)
    with sqlite3.connect(file) as target:
        target.execute(
            "CREATE TABLE cases (id INTEGER PRIMARY KEY, title TEXT, summary TEXT, "
            f"{', '.join(f'{name} TEXT' for name in facets)}, text TEXT)"
        )
        target.executemany("INSERT INTO cases VALUES (?,?,?,?,?,?,?,?,?,?)", map(_flat, load_all()))
        for name in facets:
            target.execute(f"CREATE INDEX cases_{name} ON cases({name})")
        target.execute(
            "CREATE VIRTUAL TABLE cases_fts USING fts5(title, summary, content='cases', "
            "content_rowid='id', tokenize='trigram')"
        )
        target.execute("INSERT INTO cases_fts(cases_fts) VALUES ('rebuild')")
        target.execute("ANALYZE")
        return {"cases": target.execute("SELECT count(*) FROM cases").fetchone()[0]}


def _flat(item: tuple[int, dict[str, Any]]) -> tuple[Any, ...]:
    pk, record = item

    def first(name: str, key: str = "name") -> str | None:
        return record[name][0][key] if record[name] else None

    return (
        pk,
        record["title"],
        record["summary"],
        first("districts"),
        first("subdistricts"),
        first("themes"),
        first("topics"),
        (record["period"]["start"] or "")[:4] or None,
        record["status"]["label"],
        "\n".join(filter(None, record["sections"].values())),
    )


if __name__ == "__main__":
    django.setup()
    jobs: dict[str, Callable[..., Any]] = {
        "describe": describe,
        "publish": publish,
        "flatten": flatten,
    }
    json.dump(jobs[sys.argv[1]](*sys.argv[2:]), sys.stdout, ensure_ascii=False)
