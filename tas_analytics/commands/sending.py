"""Sending a message by mail or to a webhook, and where to: told by the environment or a file."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from tas_analytics.errors import TasError

Tls = Literal["starttls", "tls", "none"]
_TLS: Final = ("starttls", "tls", "none")
_PORTS: Final[Mapping[str, int]] = {"starttls": 587, "tls": 465, "none": 25}
_SECONDS: Final = 30.0
_OWN: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: Setting → variable of the environment, and its place in a file.
VARIABLES: Final[Mapping[str, tuple[str, str, str]]] = {
    "host": ("TAS_SMTP_HOST", "smtp", "host"),
    "port": ("TAS_SMTP_PORT", "smtp", "port"),
    "tls": ("TAS_SMTP_TLS", "smtp", "tls"),
    "user": ("TAS_SMTP_USER", "smtp", "user"),
    "password": ("TAS_SMTP_PASSWORD", "smtp", "password"),
    "ca_file": ("TAS_SMTP_CA_FILE", "smtp", "ca_file"),
    "sender": ("TAS_DIGEST_FROM", "digest", "from"),
    "to": ("TAS_DIGEST_TO", "digest", "to"),
    "webhook": ("TAS_WEBHOOK_URL", "webhook", "url"),
}


class CannotSend(TasError):
    """The message could not be handed over: what, where, and how to mend it."""


@dataclass(frozen=True)
class Delivery:
    """Where messages go. Values of the environment win over those of the file."""

    host: str = ""
    port: int = 0
    tls: Tls = "starttls"
    user: str = ""
    password: str = ""
    ca_file: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    webhook: str = ""

    def __repr__(self) -> str:
        """Without the password, so that no log or traceback holds it."""
        return f"Delivery(host={self.host!r}, port={self.port}, tls={self.tls!r}, to={self.to!r})"

    @classmethod
    def known(cls, file: Path | None, environment: Mapping[str, str] | None = None) -> Delivery:
        """The settings of a file and of the environment.

        Raises
        ------
        CannotSend
            The file cannot be read, or a value makes no sense.
        """
        given = _from_file(file) if file is not None else {}
        variables = os.environ if environment is None else environment
        given |= {name: variables[key] for name, (key, _, _) in VARIABLES.items() if variables.get(key)}
        tls = str(given.get("tls", "starttls")).lower()
        if tls not in _TLS:
            raise CannotSend(f'TLS cannot be "{tls}"', "Set TAS_SMTP_TLS to starttls, tls or none.")
        port = str(given.get("port", "") or _PORTS[tls])
        if not (port.isdigit() and 0 < int(port) < 65536):
            raise CannotSend(f'"{port}" is no port', "Set TAS_SMTP_PORT to a number, as 587.")
        to = given.get("to", "")
        listed = [to] if isinstance(to, str) else [str(one) for one in to]
        addresses = tuple(address for _, address in getaddresses(listed) if address)
        plain = {
            name: str(given.get(name, "")) for name in ("host", "user", "password", "ca_file", "sender", "webhook")
        }
        return cls(**plain, port=int(port), tls="tls" if tls == "tls" else "none" if tls == "none" else "starttls",
                   to=addresses)  # fmt: skip


def _from_file(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotSend(f"{path} cannot be read: {error.strerror or error}", "Name the file by --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotSend(f"{path} is no TOML file: {error}", "The command's documentation shows one.") from error
    return {
        name: data[table][key] for name, (_, table, key) in VARIABLES.items() if key in (data.get(table) or {})
    }  # fmt: skip


@dataclass(frozen=True)
class Attachment:
    """A file that goes along."""

    name: str
    mime: str
    content: bytes


def mail(delivery: Delivery, subject: str, text: str, page: str, attachment: Attachment | None = None) -> EmailMessage:
    """The mail with a plain and a HTML part.

    Raises
    ------
    CannotSend
        There is nobody to send it to, or no sender.
    """
    if not delivery.to:
        raise CannotSend("There is nobody to send the digest to", "Give --to, or set TAS_DIGEST_TO.")
    sender = delivery.sender or delivery.user
    if "@" not in sender:
        raise CannotSend("The digest has no sender", "Set TAS_DIGEST_FROM to an address.")
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = ", ".join(delivery.to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(" >") or None)
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    if attachment is not None:
        kind, _, subtype = attachment.mime.partition("/")
        message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
    return message


def send(delivery: Delivery, message: EmailMessage) -> dict[str, str]:
    """Hand a mail over; gives the addresses that the server did not take, with its reason.

    Raises
    ------
    CannotSend
        Nobody has got it.
    """
    if not delivery.host:
        raise CannotSend("No mail server is known", "Set TAS_SMTP_HOST, or give a file by --config.")
    where = f"{delivery.host}:{delivery.port}"
    if delivery.user and delivery.tls == "none" and delivery.host not in _OWN:
        raise CannotSend(f"The password would go to {where} without encryption", "Set TAS_SMTP_TLS to starttls or tls.")
    try:
        with _connection(delivery) as server:
            if delivery.user:
                server.login(delivery.user, delivery.password)
            refused = server.send_message(message)
    except OSError as error:  # smtplib's and ssl's errors are of this kind, too
        raise _refusal(error, where) from error
    return {address: _said(reason[1]) for address, reason in refused.items()}


def _refusal(error: OSError, where: str) -> CannotSend:
    """What went wrong, where, and how to mend it."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        what, hint = "does not accept the user", "Check TAS_SMTP_USER and TAS_SMTP_PASSWORD."
        return CannotSend(f"{where} {what}: {_said(error.smtp_error)}", hint)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        address, (_, answer) = next(iter(error.recipients.items()))
        said = f"{where} takes none of the addresses; {address}: {_said(answer)}"
        return CannotSend(said, "Check TAS_DIGEST_TO and TAS_DIGEST_FROM.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        hint = "TAS_SMTP_TLS=tls is for port 465, starttls for 587; without encryption it is none."
        return CannotSend(f"{where} does not offer what is asked: {error}", hint)
    if isinstance(error, ssl.SSLError):
        hint = "Check the name, the port and TAS_SMTP_TLS; a private authority goes into TAS_SMTP_CA_FILE."
        return CannotSend(f"{where} cannot be trusted: {error.reason or error}", hint)
    if isinstance(error, smtplib.SMTPException):
        return CannotSend(f"{where} refused the mail: {error}", "The server's answer says why.")
    hint = "Check TAS_SMTP_HOST and TAS_SMTP_PORT, and that the machine may reach it."
    return CannotSend(f"{where} does not answer: {error.strerror or error}", hint)


def _connection(delivery: Delivery) -> smtplib.SMTP:
    if delivery.tls == "none":
        return smtplib.SMTP(delivery.host, delivery.port, timeout=_SECONDS)
    context = ssl.create_default_context(cafile=delivery.ca_file or None)
    if delivery.tls == "tls":
        return smtplib.SMTP_SSL(delivery.host, delivery.port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(delivery.host, delivery.port, timeout=_SECONDS)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def post(url: str, payload: Mapping[str, Any]) -> None:
    """Post a message to a webhook as JSON.

    Raises
    ------
    CannotSend
        The address is none, or does not take it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CannotSend("The webhook's address is none", "Set TAS_WEBHOOK_URL to https://…, or give --webhook.")
    # A webhook's address is its password: messages name the host alone.
    where = parts.hostname
    data = json.dumps(payload, ensure_ascii=False).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tas-analytics"}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            pass
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(300).decode("utf-8", "replace").strip()
        raise CannotSend(f"{where} answers {error.code}{f': {said}' if said else ''}",
                         "Check the webhook's address; Teams needs --style teams.") from error  # fmt: skip
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or error
        raise CannotSend(
            f"{where} does not answer: {reason}", "Check the address, and that it can be reached."
        ) from error


def _said(answer: object) -> str:
    return answer.decode("utf-8", "replace").strip() if isinstance(answer, bytes) else str(answer)
