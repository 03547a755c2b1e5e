"""A private Exim, which takes mail as a company's server does: STARTTLS, a login, checks; and keeps it in Maildirs."""

import mailbox
import shutil
import time
from contextlib import contextmanager
from email import message_from_bytes, policy

from certificates import self_signed
from daemons import Account, Daemon, program

DOMAIN = "example.org"
LOGIN = ("watch", "right")
_QUIET_SECONDS = 20.0
_CONFIGURATION = """
primary_hostname = mail.example.org
exim_user = {uid}
exim_group = {gid}
spool_directory = {root}/spool
log_file_path = {root}/log-%s
pid_file_path = {root}/pid
keep_environment =
host_lookup =
deliver_drop_privilege = true
tls_advertise_hosts = *
tls_certificate = {root}/server.pem
tls_privatekey = {root}/server.pem
acl_smtp_rcpt = recipient
acl_smtp_data = message

begin acl

recipient:
  deny    message = 530 5.7.0 log in first
         !authenticated = *
  deny    message = 550 5.1.1 no such mailbox
          local_parts = gone
  defer   message = 451 4.7.1 greylisted, come again
          condition = ${{if exists{{{root}/greylisting}}}}
  accept  domains = example.org
  deny    message = 550 5.7.1 no relaying

message:
  deny    message = 554 5.6.0 a line is too long
          condition = ${{if >{{$max_received_linelength}}{{998}}}}
  require message = 554 5.6.0 $acl_verify_message
          verify = header_syntax
  require message = 554 5.6.0 $acl_verify_message
          verify = header_names_ascii
  accept

begin routers

mailboxes:
  driver = accept
  local_parts = desk : gone : all
  transport = maildir

begin transports

maildir:
  driver = appendfile
  directory = {root}/mail/$local_part_data
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry

* * F,1h,1m

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""


class MailServer(Daemon):
    """A running Exim. Whoever has not logged in over TLS is refused; `gone@example.org` is no mailbox."""

    name = "exim"

    @staticmethod
    def missing():
        """Why it cannot run here; empty when it can."""
        if program("exim4") is None:
            return "no mail server on this machine: install Debian's exim4-daemon-light"
        return "" if Account().named else "Exim runs only as a user that has a name in /etc/passwd"

    def prepare(self):
        user, password = LOGIN
        values = {"uid": self.account.uid, "gid": self.account.gid, "user": user, "password": password}
        configuration = self.root / "exim.conf"
        configuration.write_text(_CONFIGURATION.format(root=self.root, **values))
        self.account.own(configuration)
        for folder in (self.root / "spool", self.root / "mail"):
            folder.mkdir(exist_ok=True)
            self.account.own(folder)
        if not self.certificate.exists():
            self.account.own(self_signed(self.root))
            self.certificate.chmod(0o600)

    @property
    def certificate(self):
        """The file that a client must trust."""
        return self.root / "server.pem"

    def command(self):
        return [program("exim4"), "-bdf", "-oX", f"127.0.0.1.{self.port}", "-C", str(self.root / "exim.conf")]

    def greets(self, connection):
        return b"220 mail.example.org" in connection.recv(200)

    def empty(self):
        """Takes every mail out of the mailboxes."""
        self._settled()
        for folder in (self.root / "mail").iterdir():
            shutil.rmtree(folder)

    def boxes(self):
        """All mail by mailbox, once nothing is under way any more: what the server took it delivers in its own time."""
        self._settled()
        return {folder.name: _read(folder) for folder in (self.root / "mail").iterdir()}

    def arrived(self):
        """The mails in the desk's mailbox."""
        return self.boxes().get("desk", [])

    @contextmanager
    def greylisting(self):
        """Every recipient is refused for now."""
        flag = self.root / "greylisting"
        flag.touch()
        try:
            yield
        finally:
            flag.unlink()

    def _settled(self):
        until = time.monotonic() + _QUIET_SECONDS
        while any((self.root / "spool" / "input").glob("*")):
            if time.monotonic() > until:
                raise RuntimeError(f"exim keeps mail back: {(self.root / 'log-main').read_text()}")
            time.sleep(0.02)


def _read(folder):
    """The mails of a Maildir in the order they came."""
    box = mailbox.Maildir(folder, create=False)
    return [message_from_bytes(box.get_bytes(key), policy=policy.default) for key in sorted(box.keys())]
