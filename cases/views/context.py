"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

SITE_NAME = "社区治理案例库"
ELDER_COOKIE = "display"


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": SITE_NAME,
        "site_url": settings.SITE_URL,
        "elder": request.COOKIES.get(ELDER_COOKIE) == "elder",
    }
