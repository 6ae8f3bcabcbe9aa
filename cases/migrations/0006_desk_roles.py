"""Who keeps the synonyms, and who reads the history of all cases.

As in 0002, permissions are added and never taken away, so that running it again does nothing.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

EVENTS = {"view_event"}
SYNONYMS = {"view_synonymset", "add_synonymset", "change_synonymset", "delete_synonymset"}
ADDED = {"审核": EVENTS | SYNONYMS, "管理员": EVENTS | SYNONYMS}


def add_permissions(apps, schema_editor):
    using = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("cases")
    config.models_module = True  # else create_permissions takes the app for one without models
    create_permissions(config, apps=apps, verbosity=0, using=using)
    known = Permission.objects.using(using).filter(content_type__app_label="cases")
    for name, codenames in ADDED.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*known.filter(codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0005_working_copies"),
    ]

    operations = [
        # Going back leaves the permissions: a manager may have given them on purpose.
        migrations.RunPython(add_permissions, migrations.RunPython.noop),
    ]
