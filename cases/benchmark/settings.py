"""The real settings, with one more address: the page that others are compared with."""

from governance.settings import *  # noqa: F403 - all of them, whatever they are

ROOT_URLCONF = "cases.benchmark.urls"
