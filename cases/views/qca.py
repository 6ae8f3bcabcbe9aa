"""The QCA table of any query: conditions and outcome from the address, nothing kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from cases.outputs import qca, qca_conditions, qca_files
from cases.outputs.qca_conditions import Condition, Labels
from cases.records import Record, load

from .caching import until_published
from .comparison import Choice

MOST_CASES = 500
# With more conditions the remainders are counted on the page and listed in the file.
LISTED_CONDITIONS = 5
# On the page; the files have all.
MOST_SHOWN = 60
MOST_EXCLUDED = 20
NAMES_A_ROW = 3


# What the form sends besides ticked conditions.
FIELDS = ("figure", "at", "outcome", "outcome_at", "incl", "incl0", "n")


@dataclass
class Question:
    """What an address asks for. `errors` says in Chinese what is wrong, by field of the form."""

    query: CaseQuery
    # As they were typed, so that a form that is wrong comes back as it was.
    given: list[str]
    typed: dict[str, str]
    # The cases, if the address names them instead of a query.
    ids: tuple[int, ...] = ()
    records: Sequence[Record] = ()
    conditions: list[Condition] = field(default_factory=list)
    outcome: Condition | None = None
    cuts: qca.Cuts = field(default_factory=qca.Cuts)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return bool(self.conditions and self.outcome and not self.errors)

    @property
    def total(self) -> int:
        if self.ids:
            return len(self.ids)
        return self.query.total if self.query.is_valid else 0

    @property
    def of_cases(self) -> list[tuple[str, str]]:
        """Return the parameters that say which cases."""
        if self.ids:
            return [("id", str(pk)) for pk in self.ids]
        return parse_qsl(self.query.url(sort=None)[1:]) if self.query.is_valid else []

    @property
    def address(self) -> str:
        """Return the query string that asks the same, in one way of writing."""
        pairs = self.of_cases + [("cond", condition.expression) for condition in self.conditions]
        if self.outcome:
            pairs.append(("outcome", self.outcome.expression))
        pairs += [
            ("incl", qca.number(self.cuts.one)),
            ("incl0", qca.number(self.cuts.zero)),
            ("n", str(self.cuts.cases)),
        ]
        return f"?{urlencode(pairs)}"

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """Keep the first thing that is wrong with a field, to be said beside it."""
        try:
            yield
        except qca_conditions.ConditionError as error:
            self.errors.setdefault(name, str(error))

    def number(self, name: str, title: str, default: float, most: float) -> float:
        """Return what was typed in a field of that title, the default for nothing or nonsense."""
        text = self.typed[name]
        if not text:
            return default
        try:
            value = float(text) if text.isascii() and len(text) <= 10 else -1.0
        except ValueError:
            value = -1.0
        if 0 <= value <= most:
            return value
        message = _("%(title)s须是 0 到 %(most)g 的数。")
        self.errors[name] = message % {"title": title, "most": most}
        return default


def _question(request: HttpRequest) -> Question:
    snapshot = facets.current()
    given = [text.strip() for text in request.GET.getlist("cond") if text.strip()]
    typed = {name: request.GET.get(name, "").strip() for name in FIELDS}
    question = Question(CaseQuery(request.GET, snapshot), list(dict.fromkeys(given)), typed)
    with question.noting("cases"):
        _choose_cases(question, request)
    if any(name in request.GET for name in ("cond", *FIELDS)):
        labels = snapshot.catalog.labels
        _choose_conditions(question, labels)
        _choose_outcome(question, labels)
        _choose_cuts(question)
        if question.total > MOST_CASES:
            message = _("至多分析 %(most)d 个案例，现在有 %(count)d 个，请先在案例列表里缩小范围。")
            question.errors["cases"] = message % {"most": MOST_CASES, "count": question.total}
    return question


def _choose_cases(question: Question, request: HttpRequest) -> None:
    query = question.query
    if not query.is_valid:
        errors = (message for found in query.errors.values() for message in found)
        message = _("选案例的条件有误：%(errors)s")
        raise qca_conditions.ConditionError(message % {"errors": "；".join(errors)})
    choice = Choice.of(request.GET, MOST_CASES)
    if choice.error:
        raise qca_conditions.ConditionError(choice.error)
    question.ids = choice.ids
    if not choice.ids:
        query.page = 1
        question.records = query.rows(MOST_CASES)
        return
    question.records = load(choice.ids)
    known = {record["id"] for record in question.records}
    missing = [str(pk) for pk in choice.ids if pk not in known]
    if missing:
        message = _("没有编号为 %(ids)s 的案例，或者已经撤回。")
        raise qca_conditions.ConditionError(message % {"ids": "、".join(missing[:20])})


def _choose_conditions(question: Question, labels: Labels) -> None:
    found = []
    for text in question.given:
        with question.noting("cond"):
            found.append(qca_conditions.parse(text, labels))
    label, at = question.typed["figure"], question.typed["at"]
    if at and not label:
        question.errors["figure"] = _("写了界限，请选是哪个数据的。")
    elif label:
        with question.noting("at"):
            found.append(qca_conditions.parse(qca_conditions.figure(label, at), labels))
    conditions = list(dict.fromkeys(found))
    question.conditions = conditions[: qca.MOST_CONDITIONS]
    if len(conditions) > qca.MOST_CONDITIONS:
        message = _("至多 %(most)d 个条件，现在有 %(count)d 个。")
        counts = {"most": qca.MOST_CONDITIONS, "count": len(conditions)}
        question.errors["cond"] = message % counts
    elif not (question.given or label or at):
        question.errors["cond"] = _("请至少选一个条件。")


def _choose_outcome(question: Question, labels: Labels) -> None:
    text, at = question.typed["outcome"], question.typed["outcome_at"]
    if not text:
        question.errors["outcome"] = _("请选结果。")
        return
    label, own = qca_conditions.figure_parts(text)
    if label and not own:
        with question.noting("outcome_at"):
            question.outcome = qca_conditions.parse(qca_conditions.figure(label, at), labels)
    elif at:
        question.errors["outcome_at"] = _("所选的结果不用另写界限；只有数据要写。")
    else:
        with question.noting("outcome"):
            question.outcome = qca_conditions.parse(text, labels)
    if question.outcome in question.conditions:
        question.errors["outcome"] = _("结果不能同时是条件。")


def _choose_cuts(question: Question) -> None:
    """Take the chosen cuts; crisp sets mark every mixed row, fuzzy sets begin at 0.8."""
    fuzzy = any(c.is_fuzzy for c in (*question.conditions, question.outcome) if c)
    one = question.number("incl", _("记 1 的一致性界限"), 0.8 if fuzzy else 1.0, 1)
    zero = question.number("incl0", _("记 0 的界限"), one if fuzzy else min(0.001, one), 1)
    cases = question.number("n", _("一行至少的案例数"), 1, MOST_CASES)
    if zero > one:
        question.errors.setdefault("incl0", _("记 0 的界限不能高于记 1 的界限。"))
    if cases < 1 or cases != int(cases):
        question.errors["n"] = _("一行至少的案例数须是正整数。")
    question.cuts = qca.Cuts(one, zero, int(cases))


@require_safe
@until_published
def table(request: HttpRequest) -> HttpResponse:
    """Show the table, or the form: together they would be too much for one page."""
    question = _question(request)
    if question.is_complete and question.outcome and request.GET.get("edit") != "1":
        analysis = qca.analyse(
            question.records, question.conditions, question.outcome, question.cuts
        )
        context = _tables(analysis) | {
            "question": question,
            "most_cases": MOST_CASES,
            "address": question.address,
            "edit": f"?{request.GET.urlencode()}&edit=1",
        }
        return render(request, "compare/qca.html", context)
    return render(
        request, "compare/qca.html", _form(question), status=400 if question.errors else 200
    )


def _tables(analysis: qca.Analysis) -> dict[str, Any]:
    """Return what the page shows of the analysis, which counts all cases."""
    listed = len(analysis.conditions) <= LISTED_CONDITIONS
    rows = analysis.rows if listed else analysis.observed
    largest = sorted(rows, key=lambda row: -row.n)[:MOST_SHOWN]
    return {
        "analysis": analysis,
        "truth": sorted(largest, key=lambda row: row.number),
        "truth_cut": len(rows) > MOST_SHOWN,
        "listed": listed,
        "names": NAMES_A_ROW if len(analysis.cases) > MOST_SHOWN else MOST_SHOWN,
        "codebook": qca_files.codebook_rows(analysis),
        "most_shown": MOST_SHOWN,
        "most_excluded": MOST_EXCLUDED,
    }


# --- The form ---


def _form(question: Question) -> dict[str, Any]:
    """Return what the form offers, and what stands in it already."""
    groups = _offers(question)
    offered = {offer["value"] for group in groups for offer in group["offers"]}
    typed = dict(question.typed)
    label, own = qca_conditions.figure_parts(typed["outcome"])
    if own:
        typed |= {"outcome": f"figure:{label}", "outcome_at": own}
    rest = [text for text in question.given if text not in offered]
    if question.is_complete and typed["figure"]:
        # What was added is a condition like the others; another one can be added.
        rest.append(question.conditions[-1].expression)
        typed |= {"figure": "", "at": ""}
    names = {condition.expression: condition.label for condition in question.conditions}
    figures = {f["label"] for record in question.records for f in record["figures"]}
    outcomes = offered | {f"figure:{label}" for label in figures}
    other = question.outcome.label if question.outcome else typed["outcome"]
    return {
        "question": question,
        "most": qca.MOST_CONDITIONS,
        "most_cases": MOST_CASES,
        "groups": groups,
        "typed": typed,
        # What the address asks for stays in the form, even if no case has it.
        "rest": [(text, names.get(text, text)) for text in dict.fromkeys(rest)],
        "figures": sorted(figures | ({typed["figure"]} - {""})),
        "outcome_figures": sorted(figures),
        "other_outcome": "" if typed["outcome"] in outcomes else other,
    }


def _offers(question: Question) -> list[dict[str, Any]]:
    """Return the values that some of these cases have, to choose conditions and outcome from."""
    labels = question.query.snapshot.catalog.labels
    counts: dict[str, dict[str, int]] = {
        kind: {} for kind in qca_conditions.KINDS if kind != "figure"
    }
    for record in question.records:
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
                    "chosen": expression in question.given,
                }
            )
        if offers:
            is_open = any(offer["chosen"] for offer in offers)
            groups.append(
                {"title": qca_conditions.KINDS[kind], "offers": offers, "is_open": is_open}
            )
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
    if question.errors:
        return problem(400, "".join(question.errors.values()))
    if not question.conditions or question.outcome is None:
        return problem(400, _("请在网址里写条件 cond 和结果 outcome。"))
    analysis = qca.analyse(question.records, question.conditions, question.outcome, question.cuts)
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
