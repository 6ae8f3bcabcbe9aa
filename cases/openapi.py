"""The OpenAPI 3.1 document, made from what answers: CaseFilter's fields and the record's schema.

Each parameter and each shape stands in it once, under `components`. The page `/api/docs/` is
made from the same document.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix

from .api import parameters as parameters_module
from .api.parameters import SLUG
from .api.shapes import SCHEMAS, number, ref, shape
from .codebook import Schema, codebook_rows
from .facets import Snapshot

VERSION = "1.0"

_TABLE_PARAMETERS_LEFT_OUT = ("page", "page_size")


# --- Answers ---


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


_CORS = {"Access-Control-Allow-Origin": ref("headers", "AnyOrigin")}
_FRESH = {"ETag": ref("headers", "ETag"), "Cache-Control": ref("headers", "CacheControl"), **_CORS}


def _headers() -> dict[str, Schema]:
    def header(description: str, required: bool = True, **schema: Any) -> Schema:
        return {"description": description, "required": required, "schema": schema}

    return {
        "ETag": header(
            "答复的标记；下次放进 If-None-Match，没有变化就得到 304",
            type="string",
            pattern='^W/"[0-9a-f]{32}"$',
        ),
        "CacheControl": header("可以存下，每次用前要问", type="string", const="no-cache"),
        "AnyOrigin": header("任何网站的脚本都可以读", type="string", const="*"),
        "Link": header(
            "下一页与上一页（RFC 8288），与正文的 next、previous 相同；只有一页时没有，"
            "网址太长时只在正文里",
            required=False,
            type="string",
        ),
        "RetryAfter": header("多少秒之后再来", type="integer", minimum=1, maximum=60),
        "Location": header("所去的地址", type="string", format="uri-reference"),
        "Allow": header("可用的方法", type="string"),
    }


def _responses() -> dict[str, Schema]:
    error = _json(ref("schemas", "Error"))
    return {
        "NotModified": {"description": "与 If-None-Match 里的相同，没有正文", "headers": _FRESH},
        "BadRequest": {
            "description": "参数有误，errors 逐个说明",
            "headers": _CORS,
            "content": error,
        },
        "NotFound": {
            "description": "没有这个地址、这一页或这一项",
            "headers": _CORS,
            "content": error,
        },
        "NotAllowed": {
            "description": "只有 GET、HEAD 和 OPTIONS",
            "headers": {"Allow": ref("headers", "Allow"), **_CORS},
            "content": error,
        },
        "Moved": {
            "description": "案例已并入另一个案例，Location 是它的地址",
            "headers": {"Location": ref("headers", "Location"), **_CORS},
        },
        "Gone": {
            "description": "案例已撤回",
            "headers": _CORS,
            "content": _json(ref("schemas", "Withdrawn")),
        },
        "TooMany": {
            "description": "一分钟内请求太多",
            "headers": {"Retry-After": ref("headers", "RetryAfter"), **_CORS},
            "content": error,
        },
    }


_STATUS = {
    "301": "Moved",
    "304": "NotModified",
    "400": "BadRequest",
    "404": "NotFound",
    "405": "NotAllowed",
    "410": "Gone",
    "429": "TooMany",
}


# --- Addresses ---


@dataclass(frozen=True)
class _Address:
    """One address that programs read."""

    path: str
    name: str
    summary: str
    # Media type -> the shape of the answer.
    content: dict[str, Any]
    parameters: tuple[Schema, ...] = ()
    # Statuses besides 200, 304 and 405.
    errors: tuple[str, ...] = ()
    description: str = ""
    links: bool = False
    # What its path and its query string may be filled in with.
    example: str = ""

    @property
    def operation(self) -> Schema:
        operation: Schema = {
            "operationId": self.name,
            "summary": self.summary,
            "parameters": [*self.parameters, ref("parameters", "If-None-Match")],
            "responses": {
                "200": {
                    "description": self.summary,
                    "headers": _FRESH | ({"Link": ref("headers", "Link")} if self.links else {}),
                    "content": self.content,
                },
                **{
                    status: ref("responses", _STATUS[status])
                    for status in sorted(["304", "405", *self.errors])
                },
            },
            "x-example": self.example or self.path,
        }
        if self.description:
            operation["description"] = self.description
        return operation


def _in_path(name: str, description: str, example: Any, **schema: Any) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


def _addresses(names: Iterable[str], snapshot: Snapshot) -> Iterator[_Address]:
    every = {name: ref("parameters", name) for name in names}
    beside = tuple(ref for name, ref in every.items() if name != "page_size")
    table = tuple(every[name] for name in every if name not in _TABLE_PARAMETERS_LEFT_OUT)
    district, theme, topic = (_most(snapshot, kind) for kind in ("district", "theme", "topic"))
    policy = _most(snapshot, "policy")
    latest = snapshot.page(snapshot.all, "-published", 0, 1)
    case = latest[0] if latest else 1
    of_case = _in_path("id", "案例编号", case, type="integer", minimum=1)
    of_policy = _in_path("id", "政策文件编号", int(policy or 1), type="integer", minimum=1)

    def of(kind: str, example: str) -> Schema:
        return _in_path("slug", kind, example or "none", type="string", pattern=SLUG)

    case_list, one_case = _json(ref("schemas", "CaseList")), _json(ref("schemas", "Case"))
    narrowed = f"?{urlencode({'district': district})}" if district else ""

    yield _Address("/api/v1/", "root", "入口", _json(ref("schemas", "Root")), errors=("429",))
    yield _Address(
        "/api/v1/cases/",
        "listCases",
        "案例列表",
        case_list,
        tuple(every.values()),
        ("400", "404", "429"),
        "与网页 /cases/ 同一套条件；count 与网页、CSV 一致，facets 是各条件的值和数目。",
        links=True,
        example=f"/api/v1/cases/{narrowed}{'&' if narrowed else '?'}page_size=5",
    )
    yield _Address(
        "/api/v1/cases/{id}/",
        "readCase",
        "一个案例",
        one_case,
        (of_case,),
        ("301", "404", "410", "429"),
        "最新的已发布版本。",
        example=f"/api/v1/cases/{case}/",
    )
    for kind, plural, title, parameter, key in (
        ("District", "districts", "区", of("区的拼音", district), district),
        ("Theme", "themes", "改革主题", of("改革主题的代码", theme), theme),
        ("Topic", "topics", "议题", of("议题的代码", topic), topic),
        ("Policy", "policies", "政策文件", of_policy, policy),
    ):
        results: Schema = {"type": "array", "items": ref("schemas", kind)}
        listed = shape(title, "全部，不分页", count=number("总数", "几项"), results=results)
        yield _Address(
            f"/api/v1/{plural}/",
            f"list{plural.title()}",
            f"全部{title}",
            _json(listed),
            errors=("429",),
            description="各带案例数，没有案例的也在其中：未收录不等于没有做。",
        )
        yield _Address(
            f"/api/v1/{plural}/{{{parameter['name']}}}/",
            f"read{kind}",
            f"一个{title}" if kind != "Policy" else "一个政策文件",
            _json(ref("schemas", kind)),
            (parameter,),
            ("404", "429"),
            example=f"/api/v1/{plural}/{key or parameter['example']}/",
        )
    yield _Address(
        "/api/v1/openapi.json",
        "readOpenapi",
        "本接口的 OpenAPI 文件",
        _json({"type": "object"}),
        errors=("429",),
    )
    yield _Address(
        "/cases.json",
        "listCasesBesidePage",
        "网页列表的 JSON",
        case_list,
        beside,
        ("400", "404"),
        "每页 100 条，其余同 /api/v1/cases/。",
        links=True,
        example=f"/cases.json{narrowed}",
    )
    yield _Address(
        "/cases/{id}.json",
        "readCaseBesidePage",
        "案例页的 JSON",
        one_case,
        (of_case,),
        ("301", "404", "410"),
        "同 /api/v1/cases/{id}/。",
        example=f"/cases/{case}.json",
    )
    yield _Address(
        "/cases.csv",
        "downloadCsv",
        "数据表（CSV）",
        {"text/csv": {"schema": {"type": "string"}}},
        table,
        ("400",),
        "符合条件的全部案例，一行一个。UTF-8（带 BOM），Excel 可直接打开；“未记录”表示来源没有说。",
        example=f"/cases.csv{narrowed}",
    )
    yield _Address(
        "/cases.xlsx",
        "downloadXlsx",
        "数据表（Excel）",
        {XLSX: {"schema": {"type": "string", "format": "binary"}}},
        table,
        ("400",),
        "与 CSV 同样的栏目和行，另有一张“说明”。",
        example=f"/cases.xlsx{narrowed}",
    )
    yield _Address(
        "/cases.atom",
        "subscribe",
        "订阅（Atom）",
        {"application/atom+xml": {"schema": {"type": "string"}}},
        beside,
        ("400", "404"),
        "最近发布的在前，每页 50 条；任何条件都可以订阅。",
        example=f"/cases.atom{narrowed}",
    )


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _most(snapshot: Snapshot, facet: str) -> str:
    """Return the value that most cases have, for examples that find something."""
    values = snapshot.catalog.labels[facet]
    return max(values, key=lambda value: len(snapshot.having(facet, value)), default="")


def document(snapshot: Snapshot) -> dict[str, Any]:
    parameters = parameters_module.of_list(snapshot)
    known = {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "上次答复的 ETag",
        "schema": {"type": "string"},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "社区治理案例库",
            "version": VERSION,
            "summary": "只读接口",
            "description": (
                "查询参数与网页相同，重复的参数之间是“或”，不同的参数之间是“且”；"
                "不认识的参数不理会，错的值是 400。未记录是 null，不是空串或 0。"
            ),
        },
        "servers": [{"url": get_script_prefix().removesuffix("/") or "/"}],
        "paths": {
            address.path: {"get": address.operation} for address in _addresses(parameters, snapshot)
        },
        "components": {
            "parameters": {**parameters, "If-None-Match": known},
            "schemas": SCHEMAS,
            "headers": _headers(),
            "responses": _responses(),
        },
    }


# --- For people ---


def _resolved(part: Schema, whole: dict[str, Any]) -> Schema:
    if "$ref" not in part:
        return part
    kind, name = part["$ref"].split("/")[-2:]
    found: Schema = whole["components"][kind][name]
    return found


def operations(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each address as the documentation shows it, references followed."""
    shown = []
    for path, methods in whole["paths"].items():
        operation = methods["get"]
        parameters = [_resolved(p, whole) for p in operation["parameters"]]
        shown.append(
            {
                **operation,
                "path": path,
                "example": operation["x-example"],
                "in_path": [p for p in parameters if p["in"] == "path"],
                "in_query": [p["name"] for p in parameters if p["in"] == "query"],
                "media": list(operation["responses"]["200"]["content"]),
                "statuses": sorted(operation["responses"]),
            }
        )
    return shown


def choices(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of a list of cases, each with its values and what they mean."""
    return [
        {**parameter, "labels": list(parameter.get("x-labels", {}).items())}
        for parameter in whole["components"]["parameters"].values()
        if parameter["in"] == "query"
    ]


def answers(whole: dict[str, Any]) -> list[dict[str, str]]:
    """Return each status besides 200 with its meaning."""
    texts = whole["components"]["responses"]
    return [{"status": s, "text": texts[name]["description"]} for s, name in _STATUS.items()]


def shapes() -> list[dict[str, Any]]:
    """Return the fields of what the API answers with, apart from the case's own record."""
    return [
        {**SCHEMAS[name], "name": name, "rows": list(codebook_rows(SCHEMAS[name]))}
        for name in ("District", "Theme", "Topic", "Policy")
    ]
