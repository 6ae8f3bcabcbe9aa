from django.db import migrations

from cases.search.documents import Document
from cases.search.index import index

BATCH = 500


def build_anew(apps, schema_editor):
    """Fill the index in its new shape; SQLite's has not changed."""
    alias = schema_editor.connection.alias
    if schema_editor.connection.vendor == "sqlite":
        return
    revisions = apps.get_model("cases", "Initiative").objects.using(alias).filter(
        status="published"
    ).order_by("pk").values_list("pk", "current_revision__record")
    target = index(alias)
    target.drop()
    target.create(ready=False)
    last = 0
    while rows := list(revisions.filter(pk__gt=last)[:BATCH]):
        target.add([(pk, Document.of(record)) for pk, record in rows])
        last = rows[-1][0]
    target.make_ready()


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0011_collections"),
    ]

    operations = [
        # The former program would need its own shape: going back takes a `reindex`.
        migrations.RunPython(build_anew, migrations.RunPython.noop),
    ]
