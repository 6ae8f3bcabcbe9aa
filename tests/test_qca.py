"""The QCA table: published figures to the printed digits, and what the page makes of the cases."""

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, expect

from cases import publishing
from cases.benchmark import loading
from cases.outputs import qca, qca_conditions
from cases.outputs.qca import Case, Cuts, fit, shown, solution, truth_table
from cases.outputs.qca_conditions import calibrated
from cases.records import Record, load

from . import make
from .axe import axe
from .test_comparison import weight

# Lipset (1959) on the survival of democracy between the wars, 18 countries: raw values and fuzzy
# sets as printed by Ragin (2009, "Qualitative Comparative Analysis Using Fuzzy Sets", in Rihoux
# and Ragin, eds., Configurational Comparative Methods, SAGE, ch. 5) and distributed with R's
# package QCA as LR and LF. In order: DEV, URB, LIT, IND, STB, SURV.
CONDITIONS = ("DEV", "URB", "LIT", "IND", "STB")
RAW = {
    "AU": (720, 33.4, 98, 33.4, 10, -9),
    "BE": (1098, 60.5, 94.4, 48.9, 4, 10),
    "CZ": (586, 69, 95.9, 37.4, 6, 7),
    "EE": (468, 28.5, 95, 14, 6, -6),
    "FI": (590, 22, 99.1, 22, 9, 4),
    "FR": (983, 21.2, 96.2, 34.8, 5, 10),
    "DE": (795, 56.5, 98, 40.4, 11, -9),
    "GR": (390, 31.1, 59.2, 28.1, 10, -8),
    "HU": (424, 36.3, 85, 21.6, 13, -1),
    "IE": (662, 25, 95, 14.5, 5, 8),
    "IT": (517, 31.4, 72.1, 29.6, 9, -9),
    "NL": (1008, 78.8, 99.9, 39.3, 2, 10),
    "PL": (350, 37, 76.9, 11.2, 21, -6),
    "PT": (320, 15.3, 38, 23.1, 19, -9),
    "RO": (331, 21.9, 61.8, 12.2, 7, -4),
    "ES": (367, 43, 55.6, 25.5, 12, -8),
    "SE": (897, 34, 99.9, 32.3, 6, 10),
    "UK": (1038, 74, 99.9, 49.9, 4, 10),
}
FUZZY = {
    "AU": (0.81, 0.12, 0.99, 0.73, 0.43, 0.05),
    "BE": (0.99, 0.89, 0.98, 1.0, 0.98, 0.95),
    "CZ": (0.58, 0.98, 0.98, 0.9, 0.91, 0.89),
    "EE": (0.16, 0.07, 0.98, 0.01, 0.91, 0.12),
    "FI": (0.58, 0.03, 0.99, 0.08, 0.58, 0.77),
    "FR": (0.98, 0.03, 0.99, 0.81, 0.95, 0.95),
    "DE": (0.89, 0.79, 0.99, 0.96, 0.31, 0.05),
    "GR": (0.04, 0.09, 0.13, 0.36, 0.43, 0.06),
    "HU": (0.07, 0.16, 0.88, 0.07, 0.13, 0.42),
    "IE": (0.72, 0.05, 0.98, 0.01, 0.95, 0.92),
    "IT": (0.34, 0.1, 0.41, 0.47, 0.58, 0.05),
    "NL": (0.98, 1.0, 0.99, 0.94, 0.99, 0.95),
    "PL": (0.02, 0.17, 0.59, 0.0, 0.0, 0.12),
    "PT": (0.01, 0.02, 0.01, 0.11, 0.01, 0.05),
    "RO": (0.01, 0.03, 0.17, 0.0, 0.84, 0.21),
    "ES": (0.03, 0.3, 0.09, 0.21, 0.2, 0.06),
    "SE": (0.95, 0.13, 0.99, 0.67, 0.91, 0.95),
    "UK": (0.98, 0.99, 0.99, 1.0, 0.98, 0.95),
}


def crisp(dev: int, size: int = 5) -> list[Case]:
    """Return the raw data dichotomised as by Rihoux and De Meur (2009, same book, ch. 3)."""
    return [
        Case(
            number,
            name,
            (float(d >= dev), float(u >= 50), float(li >= 75), float(i >= 30), float(st < 10))[
                :size
            ],
            float(su >= 0),
        )
        for number, (name, (d, u, li, i, st, su)) in enumerate(RAW.items())
    ]


def fuzzy() -> list[Case]:
    return [Case(n, name, v[:5], v[5]) for n, (name, v) in enumerate(FUZZY.items())]


def printed(rows: list[qca.TruthRow]) -> list[str]:
    """Return the observed rows as R prints them."""
    return [
        " ".join(
            [
                str(row.number),
                "".join(map(str, row.bits)),
                row.output,
                str(row.n),
                shown(row.fit.consistency),
                shown(row.fit.pri),
                ",".join(case.name for case in row.cases),
            ]
        )
        for row in rows
        if row.n
    ]


# Published figures


def test_the_crisp_truth_table_is_the_published_one() -> None:
    # print(truthTable(LC, "SURV"), show.cases = TRUE) in the manual of QCA; Rihoux and De Meur
    # (2009), table 3.6, with 550 dollars.
    cases = crisp(550)
    rows = truth_table(cases, 5, Cuts())
    assert printed(rows) == [
        "1 00000 0 3 0.000 0.000 GR,PT,ES",
        "2 00001 0 2 0.000 0.000 IT,RO",
        "5 00100 0 2 0.000 0.000 HU,PL",
        "6 00101 0 1 0.000 0.000 EE",
        "22 10101 1 2 1.000 1.000 FI,IE",
        "23 10110 0 1 0.000 0.000 AU",
        "24 10111 1 2 1.000 1.000 FR,SE",
        "31 11110 0 1 0.000 0.000 DE",
        "32 11111 1 4 1.000 1.000 BE,CZ,NL,UK",
    ]
    assert sum(row.output == "?" for row in rows) == 32 - 9
    whole = solution(rows, cases)
    assert [shown(v) for v in (whole.consistency, whole.pri, whole.coverage)] == ["1.000"] * 3


def test_contradictory_rows_are_the_published_ones() -> None:
    # The first analysis of Rihoux and De Meur (2009), table 3.3: four conditions, 600 dollars;
    # as R prints it with incl.cut = c(1, 0.01).
    rows = truth_table(crisp(600, 4), 4, Cuts(1, 0.01))
    assert printed(rows) == [
        "1 0000 0 5 0.000 0.000 GR,IT,PT,RO,ES",
        "3 0010 C 4 0.250 0.250 EE,FI,HU,PL",
        "8 0111 1 1 1.000 1.000 CZ",
        "11 1010 1 1 1.000 1.000 IE",
        "12 1011 C 3 0.667 0.667 AU,FR,SE",
        "16 1111 C 4 0.750 0.750 BE,DE,NL,UK",
    ]
    assert [row.number for row in rows if row.contradictory] == [3, 12, 16]


def test_fuzzy_consistency_pri_and_coverage_are_the_published_ones() -> None:
    # minimize(truthTable(LF, "SURV", incl.cut = 0.8), details = TRUE) in the manual of QCA, after
    # Ragin (2009, p. 112): the conservative solution joins the two rows as they are.
    cases = fuzzy()
    rows = truth_table(cases, 5, Cuts(0.8, 0.8))
    positive = {row.bits: row for row in rows if row.output == "1"}
    assert {bits: ",".join(case.name for case in row.cases) for bits, row in positive.items()} == {
        (1, 1, 1, 1, 1): "BE,CZ,NL,UK",
        (1, 0, 1, 0, 1): "FI,IE",
    }

    def digits(found: qca.Fit) -> list[str]:
        return [shown(v) for v in (found.consistency, found.pri, found.coverage)]

    assert digits(positive[1, 1, 1, 1, 1].fit) == ["0.904", "0.886", "0.454"]
    assert digits(positive[1, 0, 1, 0, 1].fit) == ["0.804", "0.719", "0.265"]
    assert digits(solution(rows, cases)) == ["0.870", "0.843", "0.658"]
    # Terms of the parsimonious solution on the same page.
    y = [case.outcome for case in cases]
    assert digits(fit([min(c.values[0], 1 - c.values[3]) for c in cases], y)) == [
        "0.815",
        "0.721",
        "0.284",
    ]
    assert digits(fit([min(c.values[1], c.values[4]) for c in cases], y)) == [
        "0.874",
        "0.845",
        "0.520",
    ]
    assert sum(row.n for row in rows) == 18


def test_direct_calibration_gives_the_published_memberships() -> None:
    # Ragin (2009): developed countries, 400 dollars out, 550 the crossover, 900 in.
    for name, (dollars, *_rest) in RAW.items():
        assert round(calibrated(dollars, 400, 550, 900), 2) == FUZZY[name][0], name
    # Turned round, the same anchors give the complement.
    assert calibrated(720, 900, 550, 400) == pytest.approx(1 - calibrated(720, 400, 550, 900))
    assert calibrated(-1e9, 0, 5, 10) == 0
    assert calibrated(1e9, 0, 5, 10) == 1


# From cases

LABELS = {
    "theme": {"grid": "网格化管理"},
    "topic": {"parking": "停车与交通"},
    "mechanism": {"sharing": "错时共享"},
    "actor": {"firm": "企业"},
    "scope": {"街镇": "街镇", "社区": "社区"},
    "status": {"running": "运行中", "extended": "已推广"},
}


@pytest.mark.parametrize(
    "text",
    [
        "", "theme", "theme:", "nothing:x", "theme:unknown", "actor:firm/老板", "figure:人数",
        "figure:人数>=", "figure:人数>=abc", "figure:人数~1,2", "figure:人数~1,1,2", "figure:>=3",
        "figure:人数~5,1,9", "scope:火星", "figure:人数>=" + "9" * 400,
    ],
)  # fmt: skip
def test_a_condition_that_makes_no_sense_says_so_in_chinese(text: str) -> None:
    with pytest.raises(qca_conditions.ConditionError, match="[一-龥]"):
        qca_conditions.parse(text, LABELS)


@pytest.mark.django_db
def test_membership_and_the_reasons_for_leaving_a_case_out() -> None:
    yes = make.make_published(
        themes=("grid",), mechanisms=("sharing",), actors=(("firm", "牵头"),), outcome="running"
    )
    no = make.make_published(
        themes=(), theme_note="早于改革", mechanisms=("other",), actors=(("street", "牵头"),)
    )
    bare = make.make_published(themes=("grid",), scope="社区")
    vague = make.make_published(actors=(("firm", "未记录"),))
    many = make.make_complete_draft()
    for value in (5, 7):
        make.make_figure(many, label="人数", value=value, evidence=many.evidence.get())
    publishing.publish(many)
    records = load([row.pk for row in (yes, no, bare, vague, many)])

    def membership(condition: qca_conditions.Condition, record: Record) -> str:
        try:
            return qca.number(condition.read(record))
        except qca_conditions.Missing as missing:
            return str(missing)

    def read(text: str) -> list[str]:
        return [membership(qca_conditions.parse(text, LABELS), record) for record in records]

    assert read("theme:grid") == ["1", "0", "1", "0", "0"]
    assert read("mechanism:sharing") == ["1", "0", *["机制未记录"] * 3]
    assert read("actor:firm") == ["1", "0", "主体未记录", "1", "主体未记录"]
    assert read("actor:firm/牵头")[3] == "企业的角色未记录"
    assert read("scope:街镇,社区") == ["1"] * 5
    assert read("status:running,extended") == ["1", *["成效状态未记录或不明"] * 4]
    # One reason is said once, whatever number of conditions it stands against.
    conditions = [
        qca_conditions.parse(text, LABELS) for text in ("status:running", "mechanism:sharing")
    ]
    _cases, excluded = qca.memberships(
        records, conditions, qca_conditions.parse("status:extended", LABELS)
    )
    assert {item.reasons for item in excluded if item.id in (bare.pk, vague.pk)} == {
        ("成效状态未记录或不明", "机制未记录")
    }
    assert read("figure:人数>=6")[3:] == ["没有“人数”这一数据", "“人数”有 2 个数，不知用哪个"]


# Page and files


def read_csv(response: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode()[1:])))  # type: ignore[attr-defined]


@pytest.fixture
def eight() -> str:
    """Make eight cases with known rows, one of them with nothing to go by; return the question."""
    known = (
        # parking, firm, community
        (1, 1, 1), (1, 1, 1), (1, 0, 1), (1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 0),
    )  # fmt: skip
    for parking, firm, community in known:
        make.make_published(
            topics=("parking",) if parking else ("care",),
            actors=(("firm", "参与"),) if firm else (("street", "牵头"),),
            scope="社区" if community else "街镇",
        )
    make.make_published(topics=("parking",))
    return f"?cond=topic:parking&cond=actor:firm&outcome={quote('scope:社区')}"


@pytest.mark.django_db
def test_eight_cases_give_the_known_rows(client: Client, eight: str) -> None:
    analysis = client.get(f"/compare/qca/{eight}").context["analysis"]
    assert [
        (row.bits, row.n, row.output, row.contradictory, shown(row.fit.consistency))
        for row in analysis.rows
    ] == [
        ((0, 0), 1, "0", False, "0.000"),
        ((0, 1), 2, "0", False, "0.000"),
        ((1, 0), 2, "C", True, "0.500"),
        ((1, 1), 2, "1", False, "1.000"),
    ]
    assert sum(row.n for row in analysis.rows) == len(analysis.cases) == 7
    assert [item.reasons for item in analysis.excluded] == [("主体未记录",)]


@pytest.mark.django_db
def test_the_files_say_what_the_page_says(client: Client, eight: str) -> None:
    page = client.get(f"/compare/qca/{eight}")
    analysis, address = page.context["analysis"], page.context["address"]
    head, *rows = read_csv(client.get(f"/compare/qca.csv{address}"))
    assert {row[5] for row in rows} == {
        f"{settings.SITE_URL}{case.url}" for case in (*analysis.cases, *analysis.excluded)
    }
    assert head == ["编号", "案例", "C1", "C2", "Y", "网址", "排除的理由"]
    assert [row[2:5] for row in rows[:7]] == [
        [*map(qca.number, case.values), qca.number(case.outcome)] for case in analysis.cases
    ]
    assert rows[7][2:] == ["", "", "", rows[7][5], "主体未记录"]
    codes = read_csv(client.get(f"/compare/qca-codebook.csv{address}"))
    assert [row[0] for row in codes] == ["代码", "C1", "C2", "Y"]
    assert codes[1][3] == "topic:parking"
    truth = read_csv(client.get(f"/compare/qca-truth.csv{address}"))
    html = page.content.decode()
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    on_page = [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]
    assert [row[:8] for row in on_page] == [row[:8] for row in truth[1:]]


@pytest.mark.django_db
def test_r_gets_plain_names_the_same_numbers_and_no_code_from_titles(
    client: Client, eight: str
) -> None:
    make.make_published(
        title='坏\u2028quit()"', topics=("parking",), actors=(("firm", "参与"),), scope="社区"
    )
    script = client.get(f"/compare/qca.R{eight}").content.decode()
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert code[0] == "library(QCA)"
    assert code[1] == 'data <- read.csv(text = "CASE,C1,C2,Y'
    assert all(re.fullmatch(r"K\d+(,[01](\.\d+)?){3}", line) for line in code[2:10])
    assert code[10] == '", row.names = 1)'
    assert code[11] == 'truthTable(data, outcome = "Y", conditions = c("C1", "C2"),'
    assert "incl.cut = c(1, 0.001), n.cut = 1" in code[12]
    assert len(code) == 14


@pytest.mark.django_db
def test_the_cases_are_those_of_the_list(client: Client, eight: str) -> None:
    query = f"{eight}&topic=parking"
    analysis = client.get(f"/compare/qca/{query}").context["analysis"]
    assert len(analysis.cases) + len(analysis.excluded) == 5
    assert "topic=parking" in client.get("/cases/?topic=parking").content.decode()


@pytest.mark.django_db
def test_the_cases_of_a_comparison_are_analysed_by_their_ids(client: Client) -> None:
    ids = [make.make_published(topics=(topic,)).pk for topic in ("parking", "care", "parking")]
    gone = make.make_withdrawn()
    named = f"?id={ids[2]}&id={ids[1]}"
    compared = client.get(f"/compare/{named}&id={gone.pk}").content.decode()
    assert f'href="/compare/qca/{named}"' in unescape(compared)
    form = client.get(f"/compare/qca/{named}").content.decode()
    for pk in ids[1:]:
        assert f'<input type="hidden" name="id" value="{pk}">' in form
    assert "所选的 2 个" in form
    page = client.get(f"/compare/qca/{named}&cond=topic:parking&outcome=scope:街镇")
    assert [case.id for case in page.context["analysis"].cases] == [ids[2], ids[1]]
    rows = read_csv(client.get(f"/compare/qca.csv{page.context['address']}"))
    assert [row[0] for row in rows[1:]] == [str(ids[2]), str(ids[1])]
    for more, words in (
        (f"id={gone.pk}", f"没有编号为 {gone.pk} 的案例"),
        ("id=x", "不是案例编号"),
    ):
        page = client.get(f"/compare/qca/{named}&{more}&cond=topic:parking&outcome=scope:街镇")
        assert page.status_code == 400
        assert words in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more",
    [
        "cond=theme:nothing", "outcome=x", "incl=2", "incl=nan", "incl=0.5&incl0=0.9", "n=0",
        "n=1.5", "district=atlantis", "outcome=topic:parking", "figure=x&at=abc", "year_from=abc",
        "&".join(f"cond=figure:a>={n}" for n in range(9)),
    ],
)  # fmt: skip
def test_a_bad_question_is_a_400_in_chinese(client: Client, eight: str, more: str) -> None:
    address = f"{eight.partition('&outcome')[0]}&{more}"
    if "outcome" not in more:
        address += f"&outcome={quote('scope:社区')}"
    page = client.get(f"/compare/qca/{address}")
    assert page.status_code == 400
    assert re.search('<div class="notice"><p><strong>[^<]*[一-龥]', page.content.decode())
    for name in ("qca.csv", "qca-codebook.csv", "qca-truth.csv", "qca.R"):
        answer = client.get(f"/compare/{name}{address}")
        assert answer.status_code == 400
        assert re.search("[一-龥]", answer.json()["error"])


def field(html: str, name: str) -> str:
    """Return what stands in a field of the form."""
    if found := re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', html):
        return found[1]
    options = re.search(rf'<select id="{name}".*?</select>', html, re.DOTALL)
    assert options, name
    chosen = re.findall(r"<option(?: value=\"([^\"]*)\")? selected>(.*?)</option>", options[0])
    assert len(chosen) <= 1
    return unescape(chosen[0][0] or chosen[0][1]) if chosen else ""


@pytest.fixture
def counted() -> None:
    """Three cases with a figure of 10, 20 and 30 persons; parking the first, care the others."""
    for value, topic in ((10, "parking"), (20, "care"), (30, "care")):
        case = make.make_complete_draft(topics=(topic,))
        make.make_figure(case, label="人数", value=value, evidence=case.evidence.get())
        publishing.publish(case)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"cond": "topic:parking"}, {"outcome": "请选结果。"}),
        ({"outcome": "topic:parking"}, {"cond": "请至少选一个条件。"}),
        ({"figure": "人数", "outcome": "topic:parking"}, {"at": "请写界限"}),
        ({"at": "100", "cond": "topic:care", "outcome": "topic:parking"}, {"figure": "请选是哪个"}),
        ({"figure": "人数", "at": "1,5,3", "outcome": "topic:parking"}, {"at": "依次变大"}),
        ({"figure": "人数", "at": "abc", "outcome": "topic:parking"}, {"at": "请写界限"}),
        ({"cond": "topic:care", "outcome": "figure:人数"}, {"outcome_at": "请写界限"}),
        ({"cond": "topic:care", "outcome": "topic:parking", "outcome_at": "3"},
         {"outcome_at": "不用另写界限"}),
        ({"cond": ["topic:care", "topic:火星", "scope:街镇"], "outcome": "topic:parking"},
         {"cond": "没有“火星”"}),
        ({"cond": "topic:care", "outcome": "topic:火星"}, {"outcome": "没有“火星”"}),
        ({"cond": "topic:care", "outcome": "topic:parking", "incl": "2", "n": "x"},
         {"incl": "0 到 1", "n": "0 到 500"}),
        ({"figure": "", "at": "", "outcome": "", "outcome_at": "", "incl": "0.5", "n": "2"},
         {"cond": "请至少选一个条件。", "outcome": "请选结果。"}),
    ],
)  # fmt: skip
def test_an_incomplete_form_comes_back_as_typed_with_the_reason_beside_the_field(
    client: Client, counted: None, asked: dict[str, str | list[str]], wrong: dict[str, str]
) -> None:
    page = client.get("/compare/qca/", asked)
    assert page.status_code == 400
    assert "analysis" not in page.context
    html = page.content.decode()
    said = dict(re.findall(r'<p class="error" id="(\w+)-error">(.*?)</p>', html))
    assert said.keys() == wrong.keys()
    for name, words in wrong.items():
        assert words in said[name]
        assert f'<a href="#{name}">{said[name]}</a>' in html
        assert f'id="{name}"' in html
        assert re.search(rf'aria-describedby="[^"]*\b{name}-error', html)
    for name in ("figure", "at", "outcome", "outcome_at", "incl", "incl0", "n"):
        assert field(html, name) == asked.get(name, ""), name
    ticked = set(re.findall(r'name="cond" value="([^"]*)" checked', html))
    given = asked.get("cond", [])
    assert ticked == set([given] if isinstance(given, str) else given)
    answer = client.get("/compare/qca.csv", asked)
    assert answer.status_code == 400
    assert list(said.values())[0] in answer.json()["error"]


@pytest.mark.django_db
def test_a_page_that_asks_nothing_yet_finds_nothing_wrong(client: Client, counted: None) -> None:
    for address in ("/compare/qca/", "/compare/qca/?topic=care"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'class="error"' not in page.content.decode()
    assert client.get("/compare/qca.csv").status_code == 400


@pytest.mark.django_db
def test_a_figure_is_offered_as_outcome_with_a_threshold_or_anchors(
    client: Client, counted: None
) -> None:
    form = client.get("/compare/qca/").content.decode()
    outcome = form[form.index('<select id="outcome"') :]
    assert '<option value="figure:人数">人数</option>' in outcome
    asked = {"cond": "topic:care", "outcome": "figure:人数"}
    for at, values in (("15", [0, 1, 1]), ("10，20，30", [0.047426, 0.5, 0.952574])):
        page = client.get("/compare/qca/", asked | {"outcome_at": at})
        analysis = page.context["analysis"]
        assert sorted(case.outcome for case in analysis.cases) == values
        again = client.get(f"/compare/qca/{page.context['address']}")
        assert again.context["analysis"].cases == analysis.cases
        for shown_page in (page, again):
            html = client.get(f"/compare/qca/{shown_page.context['edit']}").content.decode()
            assert field(html, "outcome") == "figure:人数"
            assert field(html, "outcome_at").replace("，", ",") == at.replace("，", ",")


@pytest.mark.django_db
def test_a_figure_that_was_added_is_a_ticked_condition_and_another_can_be_added(
    client: Client, counted: None
) -> None:
    asked = {"figure": "人数", "at": "15", "outcome": "topic:care"}
    page = client.get("/compare/qca/", asked)
    assert f'href="{page.context["edit"]}"' in unescape(page.content.decode())
    html = client.get(f"/compare/qca/{page.context['edit']}").content.decode()
    assert 'name="cond" value="figure:人数&gt;=15" checked> <span>数据：人数 ≥ 15</span>' in html
    assert field(html, "figure") == field(html, "at") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("topic:parking,care", "topic:care,parking"), ("topic:care,care", "topic:care"),
        ("actor:firm,street/牵头", "actor:street,firm/牵头"), ("figure:a>=1", "figure:a>=1.0"),
        ("figure:a~1,2,3", "figure:a~1.0,2,3"),
    ],
)  # fmt: skip
def test_an_outcome_is_no_condition_of_itself_however_it_is_written(
    client: Client, eight: str, condition: str, outcome: str
) -> None:
    asked = {"cond": condition, "outcome": outcome}
    page = client.get("/compare/qca/", asked)
    assert page.status_code == 400
    assert "结果不能同时是条件" in page.content.decode()
    assert client.get("/compare/qca.csv", asked).status_code == 400
    # One condition written twice is one.
    twice = {"cond": [condition, outcome], "outcome": "scope:社区"}
    assert len(client.get("/compare/qca/", twice).context["analysis"].conditions) == 1


@pytest.mark.django_db
def test_too_many_cases_are_refused_and_few_queries_are_enough(
    client: Client,
    eight: str,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    with django_assert_max_num_queries(12):
        assert client.get(f"/compare/qca/{eight}").status_code == 200
    with django_assert_max_num_queries(12):
        assert client.get(f"/compare/qca.csv{eight}").status_code == 200
    monkeypatch.setattr("cases.views.qca.MOST_CASES", 5)
    page = client.get(f"/compare/qca/{eight}&n=1")
    assert page.status_code == 400
    assert "至多分析 5 个案例，现在有 8 个" in page.content.decode()
    assert client.get("/compare/qca/").status_code == 200


@pytest.mark.django_db
def test_eight_conditions_and_many_cases_weigh_less_than_sixty_kilobytes(client: Client) -> None:
    mechanisms = [f"way-{number}" for number in range(8)]
    for number in range(200):
        make.make_published(
            title=f"第 {number} 个有一个不短不长的标题的案例",
            mechanisms=("other", *(m for bit, m in enumerate(mechanisms) if number >> bit & 1)),
            scope="社区" if number % 3 else "街镇",
        )
    conditions = "&".join(f"cond=mechanism:{slug}" for slug in mechanisms)
    page = client.get(f"/compare/qca/?{conditions}&outcome={quote('scope:社区')}")
    assert len(page.context["analysis"].cases) == 200
    assert weight(page.content) <= 60 * 1024


@pytest.mark.django_db
def test_five_hundred_cases_are_all_counted_on_a_page_of_sixty_kilobytes(client: Client) -> None:
    loading.prepare()
    loading.generate(500, seed=5, processes=1)
    form = client.get("/compare/qca/")
    assert len(form.content) <= 60 * 1024
    groups = {group["title"]: group["offers"] for group in form.context["groups"]}
    mechanisms = [offer["value"] for offer in groups["机制"]]
    for count in (1, 3, 5, 8):
        asked = {"cond": mechanisms[:count], "outcome": "status:running"}
        page = client.get("/compare/qca/", asked)
        html, analysis = page.content.decode(), page.context["analysis"]
        assert len(page.content) <= 60 * 1024, count
        assert len(analysis.cases) + len(analysis.excluded) == 500
        assert sum(row.n for row in analysis.rows) == len(analysis.cases) > 60
        shown_rows = html[html.index('id="data"') :].partition("</tbody>")[0]
        assert shown_rows.count("<tr><th") == 60 + 1
        assert f"全部 {len(analysis.cases)} 个在数据 CSV 里" in html
        assert f"全部 {len(analysis.excluded)} 个在数据 CSV 里" in html
        assert page.context["truth"] == sorted(page.context["truth"], key=lambda row: row.number)
        assert len(page.context["truth"]) <= 60
        rows = read_csv(client.get(f"/compare/qca.csv{page.context['address']}"))
        assert len(rows) == 501
        truth = read_csv(client.get(f"/compare/qca-truth.csv{page.context['address']}"))
        assert sum(int(row[count + 2]) for row in truth[1:]) == len(analysis.cases)
        assert len(truth) == 2**count + 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "elder"), [(1280, False), (390, False), (390, True)])
def test_axe_finds_nothing_and_a_keyboard_asks_the_question(
    real_cases: None, context_for: Callable[..., BrowserContext], width: int, elder: bool
) -> None:
    page = context_for(width=width, elder=elder, javascript=True).new_page()
    page.goto("/compare/qca/")
    assert axe(page) == []
    page.locator("input[name=cond]").first.focus()
    page.keyboard.press("Space")
    page.locator("#outcome").select_option("scope:街镇")
    page.get_by_role("button", name="列真值表").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**outcome=scope**")
    expect(page.locator("#truth")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="改条件").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**edit=1")
    expect(page.locator("input[name=cond]").first).to_be_checked()
    expect(page.locator("#outcome")).to_have_value("scope:街镇")
    # Without a threshold the form comes back and leads to the field.
    page.locator("#figure").select_option(index=1)
    page.get_by_role("button", name="列真值表").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="请写界限").click()
    expect(page).to_have_url(re.compile("#at$"))
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
