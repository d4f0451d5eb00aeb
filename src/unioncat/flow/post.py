"""Letters to people: each is a file first, and leaves it when a mail server has taken it.

What a server did not take stays and is sent again later; after five days, or when a server refuses for good,
it is laid aside. Letters hold one-time links: the folder is private, nothing of a letter is logged.
"""

import asyncio
import fcntl
import os
import smtplib
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate, make_msgid, parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from unioncat.config import Settings, write_secret
from unioncat.telemetry import logger

PATIENCE = 20.0
"""Seconds that a mail server gets."""
LONGEST = timedelta(days=5)
"""How long a letter is tried (RFC 5321 §4.5.4.1)."""
FIRST_WAIT = timedelta(minutes=1)
AT_ONCE = 100
ABOUT = "X-Unioncat-About"
ASIDE = "undeliverable"
"""Folder of letters that nobody tries any more."""
log = logger(__name__)


class Refused(Exception):
    """A mail server will never take this letter."""


async def send(settings: Settings, to: str, subject: str, text: str, *, about: str = "") -> Path:
    """Write a letter and hand it to the mail server, if there is one. Give the file where it is, or was.

    `about` is what whoever looks after it knows it by, should it be laid aside (`laid_aside`).
    """
    letter = EmailMessage()
    letter["From"] = settings.mail_from or settings.contact or f"unioncat@{socket.gethostname()}"
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain="unioncat.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    if about:
        letter[ABOUT] = about
    letter.set_content(text, cte="quoted-printable")  # else short Vietnamese lines would go as raw bytes
    name = str(letter["Message-ID"]).strip("<>").partition("@")[0]
    path = settings.mail_dir / f"{name}.eml"
    await asyncio.to_thread(write_secret, path, letter.as_bytes().decode("ascii", "replace"))
    if settings.smtp_url:
        await asyncio.to_thread(_try, settings.smtp_url, path, datetime.now(UTC))
    return path


async def send_waiting(settings: Settings, now: datetime) -> int:
    """Send the letters that stayed behind and whose turn it is again; give how many left."""
    if not settings.smtp_url or not settings.mail_dir.is_dir():
        return 0
    waiting = await asyncio.to_thread(lambda: sorted(settings.mail_dir.glob("*.eml")))
    sent = 0
    for path in [one for one in waiting if _is_due(one, now)][:AT_ONCE]:
        sent += await asyncio.to_thread(_try, settings.smtp_url, path, now)
    return sent


def _is_due(path: Path, now: datetime) -> bool:
    """Tell whether a letter has waited as long as it took until its last try: so waits double."""
    try:
        facts = path.stat()
        begun = _written(path) or datetime.fromtimestamp(facts.st_ctime, UTC)
    except OSError:
        return False
    tried = datetime.fromtimestamp(facts.st_mtime, UTC)
    return now - tried >= max(FIRST_WAIT, min(tried - begun, timedelta(hours=6)))


def _written(path: Path) -> datetime | None:
    try:
        moment = message_from_bytes(path.read_bytes(), policy=default)["Date"]
        return parsedate_to_datetime(str(moment)).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _try(url: str, path: Path, now: datetime) -> bool:
    """Hand one letter over, unless another process does; note the try in the file's time."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "rb") as file:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if not path.exists():  # sent while we opened it
            return False
        letter = message_from_bytes(file.read(), policy=default)
        try:
            deliver(url, letter)
        except Refused:
            _lay_aside(path, "a mail server refused it for good")
        except (OSError, smtplib.SMTPException, ValueError) as error:
            os.utime(path, (now.timestamp(), now.timestamp()))
            begun = _written(path)
            if begun is None or now - begun > LONGEST:
                _lay_aside(path, "no mail server took it in five days")
            else:
                log.warning("a letter stays in the folder for now", file=path.name, why=type(error).__name__)
        else:
            path.unlink(missing_ok=True)
            return True
    return False


def _lay_aside(path: Path, why: str) -> None:
    aside = path.parent / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    path.replace(aside / path.name)
    log.error("a letter cannot be delivered", file=path.name, why=why)


def laid_aside(settings: Settings) -> dict[str, Path]:
    """Give the letters that were laid aside and that somebody looks after, by what they are about."""
    found: dict[str, Path] = {}
    for path in (settings.mail_dir / ASIDE).glob("*.eml"):
        try:
            about = str(message_from_bytes(path.read_bytes(), policy=default)[ABOUT] or "")
        except (OSError, ValueError):
            continue
        if about:
            found[about] = path
    return found


def deliver(url: str, letter: EmailMessage) -> None:
    """Hand a letter to a mail server; a password goes over TLS only.

    Raises `Refused`, OSError, SMTPException.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=PATIENCE)
    with server:
        if parts.scheme == "smtp" and (server.ehlo() and server.has_extn("starttls")):
            server.starttls(context=context)
            server.ehlo()
            encrypted = True
        else:
            encrypted = parts.scheme == "smtps"
        if parts.username:
            if not encrypted:
                raise smtplib.SMTPException("the server offers no encryption for the password")
            server.login(unquote(parts.username), unquote(parts.password or ""))
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            if all(status >= 500 for status, _ in error.recipients.values()):
                raise Refused from None
            raise
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            if error.smtp_code >= 500:
                raise Refused from None
            raise
