"""The one rule that spans two tables: a figure's evidence belongs to the figure's case.

Neither engine can state it as a check constraint, and SQLite cannot add a composite
foreign key to an existing table, so both keep it with triggers. SQLite rebuilds a
table to alter it, loses its triggers and trips over those of its neighbours; they are
therefore taken away before every `migrate` and installed after it.
"""

from typing import Any

from django.db import connections

SQLITE = """
CREATE TRIGGER IF NOT EXISTS figure_evidence_same_case_{verb}
BEFORE {verb} ON cases_figure
WHEN NEW.evidence_id IS NOT NULL AND NEW.initiative_id <>
    (SELECT initiative_id FROM cases_evidence WHERE id = NEW.evidence_id)
BEGIN SELECT RAISE(ABORT, 'figure_evidence_same_case'); END
"""
SQLITE_EVIDENCE = """
CREATE TRIGGER IF NOT EXISTS evidence_figure_same_case_update
BEFORE UPDATE ON cases_evidence
WHEN NEW.initiative_id <> OLD.initiative_id
    AND EXISTS (SELECT 1 FROM cases_figure WHERE evidence_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'figure_evidence_same_case'); END
"""
POSTGRESQL = """
CREATE OR REPLACE FUNCTION cases_figure_evidence_same_case() RETURNS trigger AS $$
BEGIN
    IF TG_TABLE_NAME = 'cases_figure' THEN
        IF NEW.evidence_id IS NOT NULL AND NEW.initiative_id <>
            (SELECT initiative_id FROM cases_evidence WHERE id = NEW.evidence_id) THEN
            RAISE EXCEPTION 'figure_evidence_same_case' USING ERRCODE = '23000';
        END IF;
    ELSIF NEW.initiative_id <> OLD.initiative_id
        AND EXISTS (SELECT 1 FROM cases_figure WHERE evidence_id = OLD.id) THEN
        RAISE EXCEPTION 'figure_evidence_same_case' USING ERRCODE = '23000';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE TRIGGER figure_evidence_same_case
BEFORE INSERT OR UPDATE ON cases_figure
FOR EACH ROW EXECUTE FUNCTION cases_figure_evidence_same_case();
CREATE OR REPLACE TRIGGER evidence_figure_same_case
BEFORE UPDATE ON cases_evidence
FOR EACH ROW EXECUTE FUNCTION cases_figure_evidence_same_case();
"""


def remove(using: str, **kwargs: Any) -> None:
    """Drop the triggers of a SQLite database; a receiver of `pre_migrate`."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for name in (
            "figure_evidence_same_case_INSERT",
            "figure_evidence_same_case_UPDATE",
            "evidence_figure_same_case_update",
        ):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def install(using: str, **kwargs: Any) -> None:
    """Create the triggers on one database; a receiver of `post_migrate`."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    if "cases_figure" not in tables:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("INSERT", "UPDATE"):
                cursor.execute(SQLITE.format(verb=verb))
            cursor.execute(SQLITE_EVIDENCE)
        else:
            cursor.execute(POSTGRESQL)
