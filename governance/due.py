"""What was scheduled is published by whoever serves: a thread of each process looks for it.

Several of them do no harm: a case is published by the one that has its lock.
"""

import logging
import os
import threading
import time

from django.db import connections

logger = logging.getLogger(__name__)

SECONDS = 30
# Held while the thread works, and by a process while it forks: a child must not be born with half
# of a transaction, or with a lock of the database's library that nobody gives back.
_working = threading.Lock()


def start() -> None:
    """Look for what is due from now on, in this process and in those that it forks."""
    os.register_at_fork(
        before=_working.acquire, after_in_parent=_working.release, after_in_child=_start_in_child
    )
    _start_thread()


def _start_in_child() -> None:
    _working.release()
    _start_thread()


def _start_thread() -> None:
    threading.Thread(target=_work, name="publish-due", daemon=True).start()


def _work() -> None:
    while True:
        time.sleep(SECONDS)
        with _working:
            look()


def look() -> None:
    """Publish what is due; whatever goes wrong is logged, and tried again the next time."""
    # Models are known only once Django is set up.
    from cases import publishing

    try:
        for case in publishing.publish_due():
            logger.info("定时发布：%s", case.title)
    except Exception:
        logger.exception("定时发布没有做成，%s 秒后再试", SECONDS)
    finally:
        # Those of this thread; a connection kept open would outlive a database that moves.
        connections.close_all()
