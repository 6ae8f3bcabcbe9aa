from django.db import migrations


class Migration(migrations.Migration):
    """The index got a new shape on PostgreSQL; the next migration builds it anew."""

    dependencies = [
        ("cases", "0011_collections"),
    ]

    operations = []
