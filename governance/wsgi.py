"""The way in for servers. Debugging is off here unless asked for, so a key must be set."""

import os

from django.core.wsgi import get_wsgi_application

from governance import due, env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
os.environ["DJANGO_DEBUG"] = env.text("DJANGO_DEBUG", "false")

application = get_wsgi_application()
due.start()
