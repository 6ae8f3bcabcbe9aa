"""The schema of the record: one description that makes the codebook page and the JSON Schema.

Every property carries `title` (the Chinese word) and `description` (what a reader must
know to use it). A new field is added to its model, here, and in records.py.
"""

from collections.abc import Iterator
from typing import Any

from .models import (
    Attachment,
    Grade,
    Initiative,
    Participation,
    PolicyLink,
    Source,
    ThemeLink,
)
from .models.dates import PRECISIONS

SCHEMA_VERSION = 1
SECTION_TITLES = {
    "background": "背景",
    "approach": "做法",
    "mechanism": "机制",
    "results": "成效",
    "limits": "不足与启示",
}

Schema = dict[str, Any]


def _text(title: str, description: str, **more: Any) -> Schema:
    return {"type": "string", "title": title, "description": description, **more}


def _optional(title: str, description: str, **more: Any) -> Schema:
    if "enum" in more:
        more["enum"] = [*more["enum"], None]
    return {"type": ["string", "null"], "title": title, "description": description, **more}


def _date(title: str, description: str) -> Schema:
    return _optional(
        title, description, pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
    )


def _object(title: str, description: str, properties: dict[str, Schema], **more: Any) -> Schema:
    return {
        "type": "object",
        "title": title,
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def _list(title: str, description: str, items: Schema) -> Schema:
    return {"type": "array", "title": title, "description": description, "items": items}


def _term(title: str, description: str, **more: Schema) -> Schema:
    return _list(
        title,
        description,
        _object(
            title,
            "一项",
            {
                "slug": _text("代码", "检索参数用的代码，不变"),
                "name": _text("名称", "发布时的名称"),
                **more,
            },
        ),
    )


_BASIS = _text(
    "依据",
    "原文：来源明说；推断：由编辑根据做法推断，按 E 级看待",
    enum=list(ThemeLink.Basis.values),
)

RECORD_SCHEMA: Schema = _object(
    "案例记录",
    "一个案例的一个发布版本。未记录的内容写 null，不写空串或 0；列表为空表示没有记录到。",
    {
        "schema_version": {
            "type": "integer",
            "const": SCHEMA_VERSION,
            "title": "记录格式版本",
            "description": "记录格式改变时加一",
        },
        "id": {
            "type": "integer",
            "title": "编号",
            "description": "案例编号，不变，也是网址的一部分",
        },
        "url": _text("网址", "案例页的地址；冻结的版本里是站内路径，接口里是完整地址"),
        "version": {
            "type": ["integer", "null"],
            "title": "版本号",
            "description": "第几次发布；草稿为 null",
        },
        "published_at": _optional("发布时间", "本版本的发布时间（ISO 8601，带时区）；草稿为 null"),
        "title": _text("标题", "案例名称，编辑所拟或品牌原名"),
        "aliases": _list("别名", "品牌名与简称", _text("别名", "一个名称")),
        "summary": _optional("摘要", "一两句话的概括"),
        "scope": _optional("范围", "做法覆盖到哪一级", enum=list(Initiative.Scope.values)),
        "districts": _list(
            "区",
            "发生时所属的区；已撤销的区保留原名，检索时归入今天的区",
            _object(
                "区",
                "一个区",
                {
                    "slug": _text("拼音", "检索参数 district 的值"),
                    "name": _text("名称", "区的全称"),
                    "code": _text("区划代码", "GB/T 2260，六位"),
                },
            ),
        ),
        "subdistricts": _list(
            "街镇",
            "所在的街道、镇、乡",
            _object(
                "街镇",
                "一个街镇",
                {
                    "code": _text("区划代码", "九位，检索参数 subdistrict 的值"),
                    "name": _text("名称", "官方名称"),
                    "district": _text("区", "所属区的拼音"),
                },
            ),
        ),
        "period": _object(
            "时间",
            "开始与结束；来源知道到哪一级就写到哪一级",
            {
                "start": _date("开始", "2014、2014-07 或 2014-07-01；未记录为 null"),
                "end": _date("结束", "未结束或未记录为 null"),
                "precision": _text(
                    "精度", "开始与结束中较粗的一级", enum=[*PRECISIONS.values(), "不详"]
                ),
            },
        ),
        "status": _object(
            "成效状态",
            "做法走到哪一步，以及这是什么时候的情况",
            {
                "value": _text(
                    "代码", "检索参数 status 的值", enum=list(Initiative.Outcome.values)
                ),
                "label": _text("名称", "状态的中文名"),
                "as_of": _date("截至", "状态所据的时间"),
            },
        ),
        "themes": _term(
            "改革主题",
            "“1+6”改革的七个方面中与本案例有关的",
            basis=_BASIS,
            reason=_optional("理由", "归入此主题的理由"),
        ),
        "theme_note": _optional("无主题的理由", "不归入七个主题时的理由"),
        "topics": _term("议题", "要解决的问题；第一个是主要议题，至多三个"),
        "mechanisms": _term("机制", "做法靠什么运转"),
        "participations": _list(
            "参与",
            "谁以什么身份参与",
            _object(
                "参与",
                "一个主体",
                {
                    "actor": _text("主体类型代码", "检索参数 actor 的值"),
                    "actor_name": _text("主体类型", "主体类型的名称"),
                    "name": _optional("名称", "具体是谁；来源只说到类型时为 null"),
                    "role": _optional(
                        "角色",
                        "来源没有说明角色时为 null",
                        enum=[v for v in Participation.Role.values if v != "未记录"],
                    ),
                },
            ),
        ),
        "sections": _object(
            "正文",
            "Markdown；[^1] 指向编号 1 的出处；没有内容的部分为 null",
            {key: _optional(title, "Markdown 文本") for key, title in SECTION_TITLES.items()},
        ),
        "figures": _list(
            "数据",
            "来源给出的数字，不换算",
            _object(
                "数据",
                "一个数字",
                {
                    "label": _text("指标", "数的是什么"),
                    "value": {"type": "number", "title": "数值", "description": "来源给出的数"},
                    "qualifier": _optional("限定", "余、约、超过、以上等"),
                    "unit": _text("单位", "人、家、平方米等"),
                    "period": _optional("时期", "数字所说的时间"),
                    "evidence": {
                        "type": ["integer", "null"],
                        "title": "出处编号",
                        "description": "evidence[].number；发布的案例里不为 null",
                    },
                },
            ),
        ),
        "policies": _list(
            "政策文件",
            "与案例有关的文件",
            _object(
                "政策文件",
                "一个文件",
                {
                    "id": {
                        "type": "integer",
                        "title": "编号",
                        "description": "检索参数 policy 的值",
                    },
                    "key": _text("代码", "文件的固定代码"),
                    "title": _text("标题", "文件标题"),
                    "kind": _text("关系", "案例与文件的关系", enum=list(PolicyLink.Kind.values)),
                    "basis": _BASIS,
                },
            ),
        ),
        "evidence": _list(
            "出处",
            "本案例用到的每一段来源文字",
            _object(
                "出处",
                "一个来源里的一段",
                {
                    "number": {
                        "type": "integer",
                        "minimum": 1,
                        "title": "编号",
                        "description": "案例内的编号，正文以 [^编号] 引用",
                    },
                    "source": _text("来源代码", "sources[].id"),
                    "locator": _optional("位置", "在来源中的位置"),
                    "quotation": _optional("引文", "原文片段，至多 60 字", maxLength=60),
                    "grade": _text(
                        "证据等级",
                        "；".join(str(label) for label in Grade.labels),
                        enum=list(Grade.values),
                    ),
                    "note": _optional("说明", "编辑对这条出处的说明"),
                },
            ),
        ),
        "sources": _list(
            "来源",
            "出处所在的文章、图书、文件",
            _object(
                "来源",
                "一个来源",
                {
                    "id": _text("代码", "来源的固定代码"),
                    "title": _text("标题", "来源标题"),
                    "author": _list("作者", "按原署名次序", _text("作者", "一位作者或单位")),
                    "publisher": _optional("发布者", "报社、网站或机关"),
                    "date": _date("日期", "发布日期"),
                    "url": _optional("网址", "来源地址"),
                    "archive_url": _optional("存档网址", "存档副本的地址"),
                    "accessed": _optional("查阅日期", "编辑查阅的日期", format="date"),
                    "reposted_from": _optional("转载自", "此页是转载时的原发布者"),
                    "kind": _text("类别", "来源类别", enum=list(Source.Kind.values)),
                },
            ),
        ),
        "attachments": _list(
            "附件",
            "图片与文件；早先的版本没有这一项",
            _object(
                "附件",
                "一个文件",
                {
                    "file": _text("文件名", "文件的地址是 /media/文件名"),
                    "kind": _text("类别", "图片或 PDF", enum=list(Attachment.Kind.values)),
                    "alt": _optional("替代文字", "给看不见图的人；图片必有"),
                    "caption": _optional("图注", "时间、地点、供图者等"),
                },
            ),
        ),
    },
    **{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "case-record"},
)
# Added after versions had been frozen without them.
_LATER = {"attachments"}
RECORD_SCHEMA["required"] = [name for name in RECORD_SCHEMA["required"] if name not in _LATER]


def codebook_rows(
    schema: Schema = RECORD_SCHEMA, path: str = "", depth: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield one row a field, in the order of the record: path, title, type, description, values."""
    for name, field in schema["properties"].items():
        here = f"{path}{name}"
        types = field["type"] if isinstance(field["type"], list) else [field["type"]]
        yield {
            "path": here,
            "title": field["title"],
            "type": " / ".join(TYPE_NAMES[t] for t in types),
            "description": field["description"],
            "values": [value for value in field.get("enum", []) if value is not None],
            "depth": depth,
        }
        if field["type"] == "object":
            yield from codebook_rows(field, f"{here}.", depth + 1)
        elif field["type"] == "array" and field["items"]["type"] == "object":
            yield from codebook_rows(field["items"], f"{here}[].", depth + 1)


TYPE_NAMES = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "null": "未记录",
    "array": "列表",
    "object": "一组",
}


# --- Figures in words ---

# Words that Chinese puts before a number; others stand between it and its unit, or after that.
BEFORE_NUMBER = ("约", "近", "超", "逾", "不少于", "不足", "不到", "至少", "至多", "最多", "大约")
AFTER_UNIT = ("以上", "以下", "以内", "左右", "上下")


def amount(figure: dict[str, Any]) -> str:
    """Return value, unit and qualifier in the order that Chinese has them: 约22人, 22人以上."""
    number, unit, word = str(figure["value"]), figure["unit"], figure["qualifier"] or ""
    if word.startswith(BEFORE_NUMBER):
        return f"{word}{number}{unit}"
    return f"{number}{unit}{word}" if word in AFTER_UNIT else f"{number}{word}{unit}"
