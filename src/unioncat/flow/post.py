"""Letters to people: each is a file first, and leaves it when a mail server has taken it.

Letters hold one-time links: the folder is private, nothing of a letter is logged.
"""

import asyncio
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from unioncat.config import Settings, write_secret
from unioncat.telemetry import logger

PATIENCE = 20.0
"""Seconds that a mail server gets."""
log = logger(__name__)


async def send(settings: Settings, to: str, subject: str, text: str) -> Path:
    """Write a letter and hand it to the mail server, if there is one. Give the file where it is, or was."""
    letter = EmailMessage()
    letter["From"] = settings.mail_from or settings.contact or f"unioncat@{socket.gethostname()}"
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain="unioncat.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return await asyncio.to_thread(_send, settings, letter)


def _send(settings: Settings, letter: EmailMessage) -> Path:
    name = str(letter["Message-ID"]).strip("<>").partition("@")[0]
    path = settings.mail_dir / f"{name}.eml"
    write_secret(path, letter.as_bytes().decode("ascii", "replace"))
    if settings.smtp_url:
        try:
            deliver(settings.smtp_url, letter)
        except (OSError, smtplib.SMTPException) as error:
            log.error(
                "a letter could not be sent; it stays in the folder", file=path.name, why=type(error).__name__
            )
        else:
            path.unlink(missing_ok=True)
    return path


def deliver(url: str, letter: EmailMessage) -> None:
    """Hand a letter to a mail server; a password goes over TLS only. Raises OSError, SMTPException."""
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
        server.send_message(letter)
