"""What stays of an account that goes: the lines that it wrote in the log of the desk.

Django ties each line to an account that exists, and would delete the lines with it. They pass to
one account to which nobody signs in; each line then says itself whose it was.
"""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

SUCCESSOR = "已删除的账号"
BATCH = 500


def keep_log(instance: User, **kwargs: Any) -> None:
    """Let the lines pass on; called before an account is deleted, wherever that is."""
    lines = LogEntry.objects.filter(user=instance)
    if not lines.exists():
        return
    if instance.username == SUCCESSOR:
        raise ProtectedError(_("这个账号记着已删除的账号做过的事，不能删除。"), set(lines))
    nobody = {"is_active": False, "password": make_password(None)}
    successor, _created = User.objects.get_or_create(username=SUCCESSOR, defaults=nobody)
    while batch := list(lines[:BATCH]):
        for line in batch:
            what = line.get_change_message() or line.get_action_flag_display()
            line.user = successor
            line.change_message = _("%(what)s（办理人：%(who)s）") % {
                "what": what,
                "who": instance.get_username(),
            }
        LogEntry.objects.bulk_update(batch, ["user", "change_message"])
