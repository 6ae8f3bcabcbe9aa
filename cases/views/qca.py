"""The QCA table of any query: conditions and outcome from the address, nothing kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import as_file, problem, reading
from cases.filters import CaseQuery
from cases.outputs import qca, qca_files
from cases.records import Record

from .caching import until_published

MOST_CASES = 500
# With more conditions the remainders are counted on the page and listed in the file.
LISTED_CONDITIONS = 5


@dataclass
class Question:
    """What an address asks for; `error` says in Chinese what is wrong with it."""

    query: CaseQuery
    conditions: list[qca.Condition] = field(default_factory=list)
    outcome: qca.Condition | None = None
    cuts: qca.Cuts = field(default_factory=qca.Cuts)
    error: str = ""

    @property
    def is_complete(self) -> bool:
        return bool(self.conditions and self.outcome and not self.error)

    @property
    def address(self) -> str:
        """Return the query string that asks the same, in one way of writing."""
        pairs = parse_qsl(self.query.url(sort=None)[1:]) if self.query.is_valid else []
        pairs += [("cond", condition.expression) for condition in self.conditions]
        if self.outcome:
            pairs.append(("outcome", self.outcome.expression))
        pairs += [
            ("incl", qca.number(self.cuts.one)),
            ("incl0", qca.number(self.cuts.zero)),
            ("n", str(self.cuts.cases)),
        ]
        return f"?{urlencode(pairs)}"


def _number(request: HttpRequest, name: str, default: float, most: float) -> float:
    text = request.GET.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text) if text.isascii() and len(text) <= 10 else -1.0
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        message = _("“%(name)s”须是 0 到 %(most)g 的数。")
        raise qca.ConditionError(message % {"name": name, "most": most})
    return value


def _question(request: HttpRequest) -> Question:
    snapshot = facets.current()
    question = Question(CaseQuery(request.GET, snapshot))
    if not question.query.is_valid:
        errors = (message for found in question.query.errors.values() for message in found)
        question.error = _("选案例的条件有误：%(errors)s") % {"errors": "；".join(errors)}
        return question
    given = [text.strip() for text in request.GET.getlist("cond") if text.strip()]
    label, at = (request.GET.get(name, "").strip() for name in ("figure", "at"))
    if label and at:
        # Three anchors, or one threshold.
        anchors = ",".join(at.replace("，", ",").replace(" ", "").split(","))
        given.append(
            f"figure:{label}~{anchors}" if "," in anchors else f"figure:{label}>={anchors}"
        )
    try:
        labels = snapshot.catalog.labels
        conditions = list(dict.fromkeys(qca.parse(text, labels) for text in given))
        question.conditions = conditions[: qca.MOST_CONDITIONS]
        if outcome := request.GET.get("outcome", "").strip():
            question.outcome = qca.parse(outcome, labels)
        question.cuts = _cuts(request, question)
        _check(question, len(conditions))
    except qca.ConditionError as error:
        question.error = str(error)
    return question


def _cuts(request: HttpRequest, question: Question) -> qca.Cuts:
    """Return the chosen cuts; crisp sets mark every mixed row, fuzzy sets begin at 0.8."""
    fuzzy = any(c.is_fuzzy for c in (*question.conditions, question.outcome) if c)
    one = _number(request, "incl", 0.8 if fuzzy else 1.0, 1)
    zero = _number(request, "incl0", one if fuzzy else min(0.001, one), 1)
    cases = _number(request, "n", 1, MOST_CASES)
    if zero > one:
        raise qca.ConditionError(_("记 0 的界限不能高于记 1 的界限。"))
    if cases < 1 or cases != int(cases):
        raise qca.ConditionError(_("一行至少的案例数须是正整数。"))
    return qca.Cuts(one, zero, int(cases))


def _check(question: Question, number: int) -> None:
    if number > qca.MOST_CONDITIONS:
        message = _("至多 %(most)d 个条件，现在有 %(count)d 个。")
        raise qca.ConditionError(message % {"most": qca.MOST_CONDITIONS, "count": number})
    if question.outcome and question.outcome in question.conditions:
        raise qca.ConditionError(_("结果不能同时是条件。"))
    if number and question.query.total > MOST_CASES:
        message = _("至多分析 %(most)d 个案例，现在有 %(count)d 个，请先在案例列表里缩小范围。")
        raise qca.ConditionError(message % {"most": MOST_CASES, "count": question.query.total})


def _records(question: Question) -> list[Record]:
    question.query.page = 1
    return question.query.rows(MOST_CASES)


@require_safe
@until_published
def table(request: HttpRequest) -> HttpResponse:
    question = _question(request)
    records = _records(question) if question.query.is_valid else []
    context: dict[str, Any] = {
        "question": question,
        "query": question.query,
        "kept": parse_qsl(question.query.url(sort=None)[1:]) if question.query.is_valid else [],
        "groups": _offers(question, records),
        "figures": sorted({f["label"] for record in records for f in record["figures"]}),
        "figure_conditions": [
            c.expression for c in question.conditions if c.expression.startswith("figure:")
        ],
        "most": qca.MOST_CONDITIONS,
        "most_cases": MOST_CASES,
    }
    if question.is_complete and question.outcome:
        analysis = qca.analyse(records, question.conditions, question.outcome, question.cuts)
        listed = len(question.conditions) <= LISTED_CONDITIONS
        context |= {
            "analysis": analysis,
            "truth": analysis.rows if listed else analysis.observed,
            "listed": listed,
            "codebook": qca_files.codebook_rows(analysis),
            "address": question.address,
        }
    status = 400 if question.error else 200
    return render(request, "compare/qca.html", context, status=status)


def _offers(question: Question, records: list[Record]) -> list[dict[str, Any]]:
    """Return the values that some but not all of these cases have, to choose conditions from."""
    labels = question.query.snapshot.catalog.labels
    chosen = {condition.expression for condition in question.conditions}
    counts: dict[str, dict[str, int]] = {kind: {} for kind in qca.KINDS if kind != "figure"}
    for record in records:
        for kind, value in _values(record):
            counts[kind][value] = counts[kind].get(value, 0) + 1
    groups = []
    for kind, values in counts.items():
        offers = []
        for value, count in sorted(values.items(), key=lambda item: -item[1]):
            name, _slash, role = value.partition("/")
            label = labels[kind].get(name)
            if label is None:
                continue
            expression = f"{kind}:{value}"
            offers.append(
                {
                    "value": expression,
                    "label": f"{label}（{role}）" if role else label,
                    "count": count,
                    "chosen": expression in chosen,
                }
            )
        # What the address asks for stays in the form, even if no case has it.
        offers += [
            {"value": c.expression, "label": c.label, "count": 0, "chosen": True}
            for c in question.conditions
            if c.expression.startswith(f"{kind}:") and c.expression[len(kind) + 1 :] not in values
        ]
        if offers:
            is_open = any(offer["chosen"] for offer in offers)
            groups.append({"title": qca.KINDS[kind], "offers": offers, "is_open": is_open})
    return groups


def _values(record: Record) -> set[tuple[str, str]]:
    found = {
        (kind, t["slug"]) for kind in ("theme", "topic", "mechanism") for t in record[f"{kind}s"]
    }
    for item in record["participations"]:
        found.add(("actor", item["actor"]))
        if item["role"]:
            found.add(("actor", f"{item['actor']}/{item['role']}"))
    if record["scope"]:
        found.add(("scope", record["scope"]))
    if record["status"]["value"] != "unknown":
        found.add(("status", record["status"]["value"]))
    return found


# --- Files ---


def _file(
    request: HttpRequest, name: str, make: Callable[[qca.Analysis], bytes]
) -> HttpResponseBase:
    question = _question(request)
    if question.error:
        return problem(400, question.error)
    if not question.conditions or question.outcome is None:
        return problem(400, _("请在网址里写条件 cond 和结果 outcome。"))
    records = _records(question)
    analysis = qca.analyse(records, question.conditions, question.outcome, question.cuts)
    kind = "text/csv" if name.endswith(".csv") else "text/plain"
    return as_file(HttpResponse(make(analysis), content_type=f"{kind}; charset=utf-8"), name)


@reading
def cases_csv(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "qca.csv", lambda made: qca_files.cases_csv(made, settings.SITE_URL))


@reading
def codebook_csv(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "qca-codebook.csv", qca_files.codebook_csv)


@reading
def truth_csv(request: HttpRequest) -> HttpResponseBase:
    return _file(request, "qca-truth.csv", qca_files.truth_csv)


@reading
def r_script(request: HttpRequest) -> HttpResponseBase:
    address = f"{settings.SITE_URL}{reverse('cases:qca')}?{request.GET.urlencode()}"
    return _file(request, "qca.R", lambda analysis: qca_files.r_script(analysis, address))
