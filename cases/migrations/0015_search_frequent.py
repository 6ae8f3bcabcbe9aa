from django.db import migrations

from cases.search.documents import Document
from cases.search.engine import TABLE
from cases.search.index import index, spread

BATCH = 500


def build_anew(apps, schema_editor):
    """Build the index in its present shape; it holds no data of its own."""
    alias = schema_editor.connection.alias
    published = (
        apps.get_model("cases", "Initiative").objects.using(alias).filter(status="published")
    )
    ids = list(published.order_by("pk").values_list("pk", flat=True))

    def documents(wanted):
        rows = published.filter(pk__in=wanted).order_by("pk")
        for pk, record in rows.values_list("pk", "current_revision__record"):
            yield pk, Document.of(record)

    filling = index(alias).build(TABLE, (d for _, d in documents(spread(ids))), len(ids))
    for start in range(0, len(ids), BATCH):
        filling.add(documents(ids[start : start + BATCH]))
    filling.finish()


def take_away(apps, schema_editor):
    """Leave nothing that the former program, which has its own shape, would misread."""
    index(schema_editor.connection.alias).drop()


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_search_tiers"),
    ]

    operations = [
        # Going back takes a `reindex` by the former program.
        migrations.RunPython(build_anew, take_away),
    ]
