"""Numbering after rows whose ids were given."""

from django.apps import apps
from django.core.management import color
from django.db import connection


def reset() -> None:
    """Let PostgreSQL number new rows of every table after the last one stored."""
    statements = connection.ops.sequence_reset_sql(color.no_style(), apps.get_models())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
