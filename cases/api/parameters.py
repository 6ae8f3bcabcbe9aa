"""The parameters of a list of cases, for programs: made from the forms that check them."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases.codebook import Schema
from cases.facets import Snapshot
from cases.parameters import FACETS, CaseFilter
from cases.search.query import LONGEST

PAGE_SIZE = 20
LARGEST_PAGE_SIZE = 100

# What a parameter's name in the form does not say.
MEANINGS = {
    "q": (
        "空格隔开的词都要出现；引号里的词按原样找，前面加减号的词不得出现。"
        f"至多 {LONGEST} 个字。没有指定次序时按相关程度排列。"
    ),
    "district": "拼音，见 /api/v1/districts/。今天的区包括并入的区，已撤销的区只有它自己的。",
    "theme": "代码见 /api/v1/themes/。",
    "topic": "代码见 /api/v1/topics/。",
    "subdistrict": "九位区划代码，见 /api/v1/districts/ 中各区的 subdistricts。",
    "policy": "编号见 /api/v1/policies/。",
    "actor": "类型的代码见 /about/codebook/#actor。",
    "mechanism": "代码见 /about/codebook/#mechanism。",
    "grade": "最好的出处至少是这一级，A 最好。",
    "none": "没有记录这一项的案例；theme 是不属于七个主题的。多项须同时没有记录。",
    "year_from": "在这一年或之后开始的；没有记录开始时间的不算。",
    "year_to": "在这一年或之前开始的；没有记录开始时间的不算。",
    "theme_all": "1 表示所选改革主题都要有；0 或不写表示有其中一个即可。",
    "topic_all": "1 表示所选议题都要有；0 或不写表示有其中一个即可。",
    "sort": "relevance 只在有检索词时有意义。不写时：有检索词按相关程度，否则最近发布的在前。",
    "page": "从 1 开始；超出最后一页是 404。",
    "page_size": "不写时 20 条。",
}
# Values of long lists grow with the collection: their form is promised, not their list.
PATTERNS = {"subdistrict": "^[0-9]{9}$", "policy": "^[1-9][0-9]{0,17}$"}
SLUG = "^[-a-zA-Z0-9_]{1,60}$"


class PageSize(forms.Form):
    """The one parameter that the API's list has beside those of CaseFilter."""

    page_size = forms.IntegerField(
        label=_("每页条数"),
        required=False,
        min_value=1,
        max_value=LARGEST_PAGE_SIZE,
        error_messages={
            "invalid": _("每页条数须是正整数。"),
            "min_value": _("每页至少 1 条。"),
            "max_value": _("每页至多 100 条。"),
        },
    )


def of_list(snapshot: Snapshot) -> dict[str, Schema]:
    """Return every parameter of a list of cases by its name, those of the panel first."""
    fields = dict(CaseFilter(QueryDict(), snapshot).form.fields)
    first = ["q", *(name for name in FACETS if name in fields)]
    ordered = {name: fields.pop(name) for name in first} | fields | PageSize().fields
    return {name: _parameter(name, field, snapshot) for name, field in ordered.items()}


def _parameter(name: str, field: forms.Field, snapshot: Snapshot) -> Schema:
    choices = snapshot.catalog.labels.get(name) or _choices(field)
    schema = _schema(name, field, list(choices))
    parameter: Schema = {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{field.label}。{MEANINGS.get(name, '')}",
        # An empty value asks for nothing, as from a form left blank.
        "allowEmptyValue": True,
        "schema": schema,
    }
    if isinstance(field, forms.MultipleChoiceField):
        parameter["description"] += "可重复。" if name == "none" else "可重复，有其中一个即可。"
        parameter |= {"style": "form", "explode": True}
        schema = schema["items"]
    if "enum" in schema:
        parameter["x-labels"] = {value: choices[value] for value in schema["enum"]}
    return parameter


def _choices(field: Any) -> dict[str, str]:
    """Return the values of a short list that no table holds, with their labels."""
    if known := getattr(field, "known", None):
        return {value: str(label) for value, label in known.items()}
    choices = getattr(field, "choices", ())
    return {str(value): str(label) for value, label in choices if value not in ("", None)}


def _schema(name: str, field: forms.Field, values: list[str]) -> Schema:
    """Return what the form accepts, as JSON Schema."""
    if isinstance(field, forms.MultipleChoiceField):
        item: Schema = {"type": "string"}
        short = name not in FACETS or FACETS[name].short
        item |= {"enum": values} if short else {"pattern": PATTERNS.get(name, SLUG)}
        return {"type": "array", "items": item}
    if isinstance(field, forms.ChoiceField):
        return {"type": "string", "enum": values}
    if isinstance(field, forms.IntegerField):
        return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
    if isinstance(field, forms.CharField):
        return {"type": "string", "maxLength": field.max_length, "pattern": r"^[^\u0000]*$"}
    raise TypeError(f"{name}: {type(field).__name__}")
