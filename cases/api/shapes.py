"""The shapes of the API's answers, as JSON Schema. The case's own is the record's."""

from typing import Any

from cases.codebook import RECORD_SCHEMA, Schema
from cases.models import Grade, PolicyDocument, PolicyRelation, ThemeLink
from cases.parameters import FACETS


def text(title: str, description: str, **more: Any) -> Schema:
    return {"type": "string", "title": title, "description": description, **more}


def optional(title: str, description: str, **more: Any) -> Schema:
    return {"type": ["string", "null"], "title": title, "description": description, **more}


def number(title: str, description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "title": title, "description": description}


def listing(title: str, description: str, items: Schema) -> Schema:
    return {"type": "array", "title": title, "description": description, "items": items}


def shape(title: str, description: str, /, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "title": title,
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def address(title: str, description: str = "完整网址") -> Schema:
    return text(title, description, format="uri")


LINKS: dict[str, Schema] = {
    "count": number("案例数", "有多少个已发布的案例"),
    "url": address("网页"),
    "self": address("接口地址"),
    "cases": address("案例", "这些案例的接口地址"),
}
SLUG = text("代码", "检索参数的值，不变")
DESCRIPTION = optional("涵盖", "涵盖什么；未记录为 null")
DATE = "写到来源知道的一级；未记录为 null"

SCHEMAS: dict[str, Schema] = {
    "Case": {k: v for k, v in RECORD_SCHEMA.items() if not k.startswith("$")},
    "CaseList": shape(
        "案例列表",
        "一页案例，与同一条件的网页、CSV 一致",
        count=number("总数", "符合条件的案例数，等于 CSV 的行数"),
        next={"type": ["string", "null"], "format": "uri", "title": "下一页"},
        previous={"type": ["string", "null"], "format": "uri", "title": "上一页"},
        facets=shape(
            "分面",
            "每种条件的各个值，各带案例数",
            **{
                name: {"type": "array", "title": facet.title, "items": ref("schemas", "Value")}
                for name, facet in FACETS.items()
            },
        ),
        results={"type": "array", "title": "案例", "items": ref("schemas", "Case")},
    ),
    "Value": shape(
        "分面的一个值",
        "",
        value=text("代码", "检索参数的值"),
        label=text("名称", "中文名称"),
        count=number(
            "案例数",
            "其他条件不变、这一条件只选它时的总数；theme_all、topic_all 为 1 时，是再加上它的总数",
        ),
        selected={"type": "boolean", "title": "已选", "description": "是否已选"},
        url=address("网址", "加上或去掉这个值之后的地址"),
    ),
    "District": shape(
        "区",
        "今天的或已撤销的区",
        slug=text("拼音", "检索参数 district 的值，不变"),
        name=text("名称", "全称"),
        short_name=text("简称", "不带“区”字"),
        code=text("区划代码", "GB/T 2260，六位"),
        established=optional("设立", DATE),
        dissolved=optional("撤销", "没有撤销为 null"),
        merged_into=optional("并入", "并入的区的拼音；没有撤销为 null"),
        history=optional("沿革", "未记录为 null"),
        subdistricts=listing(
            "街镇",
            "所辖的街道、镇、乡",
            shape(
                "街镇",
                "一个街镇",
                code=text("区划代码", "九位，检索参数 subdistrict 的值"),
                name=text("名称", "官方名称"),
                count=number("案例数", "有多少个已发布的案例"),
            ),
        ),
        **LINKS,
    ),
    "Theme": shape(
        "改革主题",
        "“1+6”改革的一个方面",
        slug=SLUG,
        name=text("名称", "中文名称"),
        description=DESCRIPTION,
        policies=listing(
            "文件",
            "规定这一方面的文件",
            shape(
                "文件",
                "一个文件",
                id=number("编号", "检索参数 policy 的值"),
                title=text("标题", "文件标题"),
            ),
        ),
        **LINKS,
    ),
    "Topic": shape(
        "议题",
        "要解决的问题",
        slug=SLUG,
        name=text("名称", "中文名称"),
        description=DESCRIPTION,
        **LINKS,
    ),
    "Policy": shape(
        "政策文件",
        "案例所依据、落实或推广的文件",
        id=number("编号", "检索参数 policy 的值，不变"),
        key=text("代码", "文件的固定代码"),
        title=text("标题", "文件标题"),
        aliases=listing("别称", "其他叫法", text("别称", "一个叫法")),
        number=optional("发文字号", "未记录为 null"),
        issuer=optional("发文机关", "未记录为 null"),
        issued=optional("成文日期", DATE),
        effective=optional("施行日期", DATE),
        ended=optional("失效日期", "没有失效或未记录为 null"),
        validity={
            **shape(
                "效力状态",
                "未记录为 null",
                value=text(
                    "代码",
                    "状态的代码",
                    enum=[
                        value
                        for value in PolicyDocument.Validity.values
                        if value != PolicyDocument.Validity.UNKNOWN
                    ],
                ),
                label=text("名称", "状态的中文名"),
            ),
            "type": ["object", "null"],
        },
        theme=optional("改革主题", "所规定的改革主题的代码；没有为 null"),
        unverified=optional("待核", "尚未核实的项目；全部核实为 null"),
        summary=optional("概述", "未记录为 null"),
        original_url=optional("原文网址", "官方网站上的全文；未记录为 null", format="uri"),
        relations=listing(
            "与其他文件的关系",
            "这份文件对别的文件；别的文件对它的，见那些文件",
            shape(
                "关系",
                "对一份文件的一种关系",
                kind=text("关系", "这份文件对那份文件", enum=PolicyRelation.Kind.values),
                policy=number("编号", "那份文件的编号"),
                title=text("标题", "那份文件的标题"),
                basis=text("依据", "来源明说，还是编辑推断", enum=ThemeLink.Basis.values),
                grade=text("证据等级", "A 最可靠，E 待核", enum=Grade.values),
                source=optional("来源", "来源的代码；没有为 null"),
            ),
        ),
        **LINKS,
    ),
    "Root": shape(
        "入口",
        "各个地址",
        version=text("接口版本", "形状改变时改变"),
        count=number("案例数", "已发布的案例数"),
        **{
            name: address(title)
            for name, title in (
                ("cases", "案例"),
                ("districts", "区"),
                ("themes", "改革主题"),
                ("topics", "议题"),
                ("policies", "政策文件"),
                ("openapi", "OpenAPI 文件"),
                ("documentation", "说明"),
                ("record_schema", "案例记录的 JSON Schema"),
            )
        },
    ),
    "Error": {
        "type": "object",
        "title": "错误",
        "properties": {
            "error": text("原因", "中文的一句话"),
            "errors": {
                "type": "object",
                "title": "各参数的错误",
                "description": "参数名和它的错误",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
            "documentation": address("说明"),
        },
        "required": ["error"],
        "additionalProperties": False,
    },
    "Withdrawn": shape(
        "已撤回",
        "撤回的案例只说标题、日期和理由",
        error=text("原因", "中文的一句话"),
        title=text("标题", "撤回时的标题"),
        withdrawn_at=text("撤回时间", "ISO 8601", format="date-time"),
        reason=text("理由", "为什么撤回"),
    ),
}
