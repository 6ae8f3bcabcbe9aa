"""What the database itself refuses, on both engines."""

import re
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from cases.models import District, Evidence, Figure, Initiative, PolicyStatement, TopicLink
from cases.models.dates import span, validate_partial_date

from . import make
from .test_admin import form_of

pytestmark = pytest.mark.django_db


def published_without_revision() -> None:
    make.make_initiative(status="published", published_at=timezone.now())


def published_without_date() -> None:
    case = make.make_published()
    Initiative.objects.filter(pk=case.pk).update(published_at=None)


def withdrawn_without_reason() -> None:
    make.make_initiative(status="withdrawn", withdrawn_at=timezone.now())


def end_before_start() -> None:
    make.make_initiative(start="2015-03", end="2014")


def half_a_date() -> None:
    make.make_initiative(start="2015-3")


def same_evidence_number_twice() -> None:
    draft = make.make_initiative()
    make.make_evidence(draft, 1)
    make.make_evidence(draft, 1)


def figure_with_evidence_of_another_case() -> None:
    evidence = make.make_evidence(make.make_initiative())
    make.make_figure(make.make_initiative(), evidence=evidence)


def figure_moved_to_evidence_of_another_case() -> None:
    draft = make.make_initiative()
    figure = make.make_figure(draft, evidence=make.make_evidence(draft))
    other = make.make_evidence(make.make_initiative())
    Figure.objects.filter(pk=figure.pk).update(evidence=other)


def evidence_moved_away_from_its_figure() -> None:
    draft = make.make_initiative()
    evidence = make.make_evidence(draft)
    make.make_figure(draft, evidence=evidence)
    Evidence.objects.filter(pk=evidence.pk).update(initiative=make.make_initiative())


def dissolved_district_without_successor() -> None:
    make.make_district("zhabei", dissolved="2015-11")


def district_merged_into_itself() -> None:
    district = make.make_district("zhabei")
    District.objects.filter(pk=district.pk).update(merged_into=district)


def same_district_code_twice() -> None:
    make.make_district("xuhui")
    District.objects.create(code="310104", name="别的区", short_name="别的", slug="other")


def same_district_slug_twice() -> None:
    make.make_district("xuhui")
    District.objects.create(code="999999", name="别的区", short_name="别的", slug="xuhui")


def same_street_twice_in_a_district() -> None:
    make.make_subdistrict("310104015", "凌云路街道")
    make.make_subdistrict("310104016", "凌云路街道")


def alias_of_no_place() -> None:
    from cases.models import PlaceAlias

    PlaceAlias.objects.create(name="某地")


def four_topics() -> None:
    draft = make.make_initiative()
    TopicLink.objects.create(initiative=draft, topic=make.make_topic(), position=4)


def same_document_number_twice() -> None:
    make.make_policy(number="沪委发〔2021〕22号")
    make.make_policy(number="沪委发〔2021〕22号")


def unsourced_statement_above_grade_e() -> None:
    PolicyStatement.objects.create(
        document=make.make_policy(), order=1, kind="measure", text="要求", grade="C"
    )


def document_in_force_that_has_ended() -> None:
    make.make_policy(validity="in-force", ended="2020")


def document_that_ended_before_it_began() -> None:
    make.make_policy(validity="repealed", effective="2020-05", ended="2019")


def document_that_replaces_itself() -> None:
    policy = make.make_policy()
    make.make_relation(policy, "替代", policy)


def same_relation_twice() -> None:
    first, second = make.make_policy(), make.make_policy()
    make.make_relation(second, "落实", first)
    make.make_relation(second, "落实", first)


def unknown_relation() -> None:
    make.make_relation(make.make_policy(), "参考", make.make_policy())


def unsourced_relation_above_grade_e() -> None:
    make.make_relation(make.make_policy(), "落实", make.make_policy(), basis="原文", grade="C")


def inferred_relation_above_grade_e() -> None:
    source = make.make_source()
    make.make_relation(make.make_policy(), "落实", make.make_policy(), source=source, grade="C")


def unknown_status() -> None:
    make.make_initiative(status="hidden")


def unknown_scope() -> None:
    make.make_initiative(scope="全国")


REFUSED = {
    published_without_revision: "initiative_published_has_date_and_revision",
    published_without_date: "initiative_published_has_date_and_revision",
    withdrawn_without_reason: "initiative_withdrawn_has_date_and_reason",
    end_before_start: "initiative_start_before_end",
    half_a_date: "initiative_dates_are_dates",
    same_evidence_number_twice: "evidence",
    figure_with_evidence_of_another_case: "figure_evidence_same_case",
    figure_moved_to_evidence_of_another_case: "figure_evidence_same_case",
    evidence_moved_away_from_its_figure: "figure_evidence_same_case",
    dissolved_district_without_successor: "district_dissolved_names_successor",
    district_merged_into_itself: "district_not_merged_into_itself",
    same_district_code_twice: "code",
    same_district_slug_twice: "slug",
    same_street_twice_in_a_district: "subdistrict",
    alias_of_no_place: "placealias_of_one_place",
    four_topics: "topiclink_one_main_two_more",
    same_document_number_twice: "policydocument",
    unsourced_statement_above_grade_e: "policystatement_unsourced_is_grade_e",
    document_in_force_that_has_ended: "policydocument_ended_is_not_in_force",
    document_that_ended_before_it_began: "policydocument_effective_before_end",
    document_that_replaces_itself: "policyrelation_of_two_documents",
    same_relation_twice: "policyrelation",
    unknown_relation: "policyrelation_kind_known",
    unsourced_relation_above_grade_e: "policyrelation_inferred_is_grade_e",
    inferred_relation_above_grade_e: "policyrelation_inferred_is_grade_e",
    unknown_status: "initiative_status_known",
    unknown_scope: "initiative_scope_known",
}


@pytest.mark.parametrize("attempt", REFUSED, ids=lambda attempt: attempt.__name__)
def test_the_database_refuses(attempt: Callable[[], None]) -> None:
    with pytest.raises(DatabaseError, match=REFUSED[attempt]), transaction.atomic():
        attempt()


def test_dates_of_different_precision_are_compared_at_the_coarser_one() -> None:
    for start, end in [("2014-07", "2014"), ("2014", "2014-03"), ("2014-07-01", "2014-07")]:
        make.make_initiative(start=start, end=end)


def test_a_history_is_not_deleted_with_its_case() -> None:
    case = make.make_published()
    with pytest.raises(models.ProtectedError):
        case.delete()


def test_the_rule_of_published_and_its_property_agree_for_every_status() -> None:
    rows = [
        make.make_initiative(),
        make.make_in_review(),
        make.make_published(),
        make.make_withdrawn(),
    ]
    assert {row.status for row in rows} == set(Initiative.Status.values)
    public = set(Initiative.objects.published())
    assert {row for row in rows if row.is_published} == public
    assert len(public) == 1


@pytest.mark.parametrize("value", ["2014", "2014-07", "2014-07-31", "2016-02-29"])
def test_a_year_a_month_and_a_day_are_dates(value: str) -> None:
    validate_partial_date(value)


@pytest.mark.parametrize(
    "value", ["14", "2014-7", "2014-13", "2014-00", "2015-02-29", "2014/07", "2014-07-01 ", "去年"]
)
def test_anything_else_is_not(value: str) -> None:
    with pytest.raises(ValidationError):
        validate_partial_date(value)


@pytest.mark.parametrize(
    ("start", "end", "precision"),
    [
        ("", "", "不详"),
        ("2014", "", "年"),
        ("2014-07", "", "月"),
        ("2014-07-01", "2015", "年"),
        ("", "2015-01-02", "日"),
    ],
)
def test_the_precision_of_a_period_is_its_coarser_end(start: str, end: str, precision: str) -> None:
    assert Initiative(start=start, end=end).precision == precision


def test_triggers_survive_a_migration_that_rebuilds_their_tables() -> None:
    from cases.models import triggers

    triggers.remove("default")
    triggers.install("default")
    triggers.install("default")
    with pytest.raises(DatabaseError, match="figure_evidence_same_case"), transaction.atomic():
        figure_with_evidence_of_another_case()
    assert connection.vendor in ("sqlite", "postgresql")


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2014", "2014-01-01", "2014-12-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2015-12", "2015-12-01", "2015-12-31"),
        ("2014-07-01", "2014-07-01", "2014-07-01"),
    ],
)
def test_a_date_of_reduced_precision_means_a_span_of_days(
    value: str, first: str, last: str
) -> None:
    assert [day.isoformat() for day in span(value)] == [first, last]


def test_every_constraint_says_in_chinese_what_is_wrong() -> None:
    silent = [
        constraint.name
        for model in apps.get_app_config("cases").get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
        or not re.search(r"[\u4e00-\u9fff]", str(constraint.violation_error_message))
    ]
    assert silent == []


def test_a_number_given_twice_is_told_beside_its_field(client: Client) -> None:
    make.make_policy(number="沪委发〔2014〕14号")
    client.force_login(make.make_user("reviewer"))
    url = "/admin/cases/policydocument/add/"
    data = form_of(client, url) | {"title": "另一份意见", "number": "沪委发〔2014〕14号"}
    response = client.post(url, data)
    assert response.context["adminform"].form.errors["number"] == ["已有这个发文字号的政策文件。"]
