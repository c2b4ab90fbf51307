"""A throw-away mailbox: Debian's dovecot as a process of our own, with its files in one folder."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.services import wait_until

USER, PASSWORD = "notice", "p@ss/word"

CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
listen = 127.0.0.1
ssl = {tls}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 0
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A mailbox at ``url``; ``deliver`` puts a mail into it as a mail server would."""

    def __init__(self, folder: Path, *, certificate: tuple[Path, Path] | None = None) -> None:
        self.folder = folder
        self.certificate = certificate
        self.port, self.tls_port = free_port(), free_port()
        # as root the mail is another user's: dovecot hands out nobody's mail to root
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.process: subprocess.Popen[bytes] | None = None
        self._count = 0

    @property
    def url(self) -> str:
        return f"imap://{USER}:p%40ss%2Fword@127.0.0.1:{self.port}/INBOX"

    @property
    def tls_url(self) -> str:
        return f"imaps://{USER}:p%40ss%2Fword@localhost:{self.tls_port}"

    def start(self) -> None:
        gid = pwd.getpwnam(self.user).pw_gid
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / name).mkdir(parents=True, exist_ok=True)
        tls = f"yes\nssl_cert = <{self.certificate[0]}\nssl_key = <{self.certificate[1]}" if self.certificate else "no"
        text = CONFIG.format(
            folder=self.folder,
            tls=tls,
            user=self.user,
            group=grp.getgrgid(gid).gr_name,
            login=self.user,
            port=self.port,
            tls_port=self.tls_port if self.certificate else 0,
            password=PASSWORD,
        )
        (self.folder / "dovecot.conf").write_text(text)
        if os.getuid() == 0:
            for path in (self.folder, *(self.folder / "mail").rglob("*"), self.folder / "mail"):
                shutil.chown(path, self.user)
        path = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if path is None:
            raise RuntimeError("dovecot is missing: make setup")
        with (self.folder / "start.log").open("ab") as log:
            command = [path, "-F", "-c", str(self.folder / "dovecot.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, seconds=20, what="dovecot")

    def _answers(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            said = [one.read_text() for name in ("start.log", "log") if (one := self.folder / name).exists()]
            raise RuntimeError("dovecot did not start:\n" + "\n".join(said))
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as there:
                return there.recv(4) == b"* OK"
        except OSError:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def deliver(self, raw: bytes, *, at: datetime) -> None:
        """Into the mailbox as it is, with its time of arrival."""
        self._count += 1
        name = f"{self._count:06}.portal"
        path = self.folder / "mail" / "tmp" / name
        path.write_bytes(raw)
        os.utime(path, (at.timestamp(), at.timestamp()))
        if os.getuid() == 0:
            shutil.chown(path, self.user)
        path.rename(self.folder / "mail" / "new" / name)

    def forget_uids(self) -> None:
        """As after a move to another server: UIDVALIDITY is another one, every UID too."""
        self.stop()
        for path in (self.folder / "mail").glob("dovecot*"):
            path.unlink()
        self.start()


@contextmanager
def server(*, certificate: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """A mailbox that is there until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="imap-", dir="/tmp") as folder:
        found = Server(Path(folder), certificate=certificate)
        found.start()
        try:
            yield found
        finally:
            found.stop()
