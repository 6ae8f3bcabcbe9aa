"""What the package consists of, for whoever writes it and whoever reads it."""

from typing import Any

from cases.outputs import dataset

FORMAT = 1
MANIFEST = "datapackage.json"
SUMS = "SHA256SUMS"
CASES = "cases.jsonl"
RECORDS = "records.jsonl"
REFERENCE = "reference.jsonl"
CASE_SCHEMA_FILE = "case.schema.json"
RECORD_SCHEMA_FILE = "record.schema.json"
CODEBOOK = "codebook.csv"
LICENCE = "LICENSE.txt"
README = "README.txt"
SCHEMA_ORG = "dataset.jsonld"
DCAT = "dcat.jsonld"
MEDIA = "media"

_ID = {"type": "integer", "minimum": 1, "title": "编号", "description": "案例编号，网址的一部分"}
_AT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$",
    "title": "时间",
    "description": "ISO 8601，带时区",
}


def _state(state: str, **properties: Any) -> dict[str, Any]:
    named: dict[str, Any] = {"id": _ID, "state": {"const": state}, "synthetic": {"type": "boolean"}}
    named |= properties
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "minLength": 1}
CASE_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "case-state",
    "title": "案例的现状",
    "description": "一个公开过的案例：已发布的列出全部版本，已撤回的只有标题、日期和理由",
    "oneOf": [
        _state(
            "published",
            versions={
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {
                        "version": {"type": "integer", "minimum": 1},
                        "published_at": _AT,
                        "note": {"type": "string", "maxLength": 200},
                        "checksum": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                    },
                    "required": ["version", "published_at", "note", "checksum"],
                    "additionalProperties": False,
                },
            },
        ),
        _state(
            "withdrawn",
            title=_TEXT,
            withdrawn_at=_AT,
            reason=_TEXT,
            merged_into={"type": ["integer", "null"], "description": "原网址转到这个案例"},
        ),
    ],
}

LICENCE_TEXT = f"""{dataset.LICENCE_TITLE}
{dataset.LICENCE_URL}

{dataset.LICENCE_NOTE}
"""
README_TEXT = f"""社区治理案例库 数据包

{RECORDS}    已发布案例的全部版本，一行一个版本；各行是规范化的 JSON，
                 行（不含换行）的 SHA-256 就是这一版本的校验值
{CASES}      公开过的案例各一行：版本、发布时间、修改说明、校验值；
                 已撤回的只有标题、日期和理由，并入别处的写明并入哪个案例
{REFERENCE}  区、街镇、主题、议题、主体、机制、政策文件、来源等参考数据
tables/          同样的内容，拆成 CSV 表（UTF-8，逗号分隔），供统计软件与 Excel 用
{MEDIA}/           案例的图片与 PDF
{CODEBOOK}     字段说明；{RECORD_SCHEMA_FILE}、{CASE_SCHEMA_FILE} 是机器可读的说明
{MANIFEST} 文件清单与各表的结构（Frictionless Data Package）
{SCHEMA_ORG}   数据集的说明（schema.org）；{DCAT} 是 DCAT 的写法
{SUMS}       每个文件的 SHA-256，可用 sha256sum -c {SUMS} 核对
{LICENCE}      许可

表中空白的格子表示未记录，不是“无”，也不是 0；tables/cases.csv 里写作“未记录”。
以 =、+、-、@ 等开头的文字前加了一个撇号（'），以免被表格软件当作公式运行。
里面只有公开的内容：没有草稿、账号和编辑的姓名；已撤回案例的正文也不在内。

还原：在空数据库里运行 python manage.py load_data 本目录
"""
