from importlib import import_module

from django.db import migrations

build_anew = import_module("cases.migrations.0014_search_tiers").build_anew


class Migration(migrations.Migration):
    """The index keeps bitmaps on SQLite, too, and its texts apart on PostgreSQL."""

    dependencies = [
        ("cases", "0014_search_tiers"),
    ]

    operations = [
        # The former program would need its own shape: going back takes a `reindex`.
        migrations.RunPython(build_anew, migrations.RunPython.noop),
    ]
