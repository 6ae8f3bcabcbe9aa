from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_migrate
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("社区治理案例库")

    def ready(self) -> None:
        from . import leaving
        from .models import triggers

        pre_delete.connect(leaving.keep_log, sender="auth.User", dispatch_uid="cases.leaving")
        pre_migrate.connect(triggers.remove, sender=self, dispatch_uid="cases.triggers.remove")
        post_migrate.connect(triggers.install, sender=self, dispatch_uid="cases.triggers")
        for name in (
            "District",
            "Subdistrict",
            "PlaceAlias",
            "Theme",
            "Topic",
            "Actor",
            "Mechanism",
            "PolicyDocument",
            "PolicyRelation",
            "PolicyStatement",
            "Source",
            "SynonymSet",
        ):
            model = self.get_model(name)
            for signal in (post_save, post_delete):
                signal.connect(_reference_changed, sender=model, dispatch_uid=f"cases.{name}")


def _reference_changed(raw: bool = False, **kwargs: Any) -> None:
    """Tell every worker that what it remembers has changed (but not once a fixture row)."""
    from . import facets

    if not raw:
        facets.next_generation()
