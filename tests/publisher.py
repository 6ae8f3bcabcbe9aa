"""Publish the drafts whose ids stand on the command line, naming each once it is done.

A program of its own, so that test_durability.py can kill it in the middle of its work.
"""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from cases import publishing
    from cases.models import Initiative

    for pk in map(int, sys.argv[1:]):
        publishing.publish(Initiative.objects.get(pk=pk))
        print(pk, flush=True)
