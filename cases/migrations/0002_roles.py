"""The three roles of the editors' desk, as groups.

编辑 write, 审核 also publish and keep the words, 管理员 also keep the accounts. A role that exists
keeps what it has: permissions are added, never taken away.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# What a case is made of: rows that are edited on its page.
PARTS = ("evidence", "figure", "participation", "themelink", "topiclink", "policylink")
WORDS = ("actor", "mechanism", "theme", "topic", "placealias", "policydocument", "policystatement")
PLACES = ("district", "subdistrict")
FROZEN = ("revision",)

VIEW = {
    f"cases.view_{model}"
    for model in ("initiative", "source", *PARTS, *WORDS, *PLACES, *FROZEN)
}


def _each(verbs, models, app="cases"):
    return {f"{app}.{verb}_{model}" for verb in verbs for model in models}


EDITOR = (
    VIEW
    # Which draft may be deleted by whom is decided row by row, on the desk.
    | _each(("add", "change", "delete"), ("initiative", *PARTS))
    | _each(("add", "change"), ("source",))
)
REVIEWER = (
    EDITOR
    | {"cases.publish_initiative"}
    | _each(("add", "change"), WORDS)
    | _each(("delete",), ("source", "placealias", "policystatement"))
)
MANAGER = (
    REVIEWER
    | _each(("add", "change", "delete"), ("source", *WORDS, *PLACES))
    | _each(("view", "add", "change", "delete"), ("user", "group"), app="auth")
)

ROLES = {"编辑": EDITOR, "审核": REVIEWER, "管理员": MANAGER}


def make_roles(apps, schema_editor):
    using = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    # Permissions are otherwise made only when all migrations have run.
    for label in ("auth", "cases"):
        config = apps.get_app_config(label)
        config.models_module = True  # else create_permissions takes the app for one without models
        create_permissions(config, apps=apps, verbosity=0, using=using)
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, permissions in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*(known[permission] for permission in sorted(permissions)))


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # Going back leaves the groups: people may be in them.
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
