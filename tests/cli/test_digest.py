"""`digest`: to a real mail server, with and without encryption and sign-in, and to a real web server."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tas_analytics.commands.sending import VARIABLES, CannotSend, Delivery, mail, send
from tas_analytics.review import meeting
from tas_analytics.review.meeting import Entry
from tas_analytics.store.database import Store
from tests.cli.conftest import Command, Outcome, mentions_no_traceback, run
from tests.cli.test_changes import FIRST, SECOND
from tests.cli.test_processes import holder
from tools.server import free_port

USER, PASSWORD = "reviewer", "s3cret pass"


@dataclass
class Post:
    """A mail server that keeps what it gets."""

    port: int
    got: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refuses: str = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address == self.refuses:
            return "550 nobody here by that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 kept"

    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.got[-1][2], policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@pytest.fixture
def post_office() -> Iterator[Callable[..., Post]]:
    """Starts mail servers: ``post_office(require_starttls=True, …)``."""
    started: list[Controller] = []

    def start(**options: Any) -> Post:
        post = Post(free_port())
        controller = Controller(post, hostname="127.0.0.1", port=post.port, **options)
        controller.start()
        started.append(controller)
        return post

    yield start
    for one in started:
        one.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate that only its own file vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two weeks with a meeting in the first."""
    folder = tmp_path_factory.mktemp("digest")
    found = folder / "store.duckdb"
    for day, text in (("2026-02-02", FIRST), ("2026-02-09", SECOND)):
        file = folder / f"opportunities_{day}.csv"
        file.write_text(text)
        assert run("--store", found, "load", file, "--complete").code == 0
        if day == "2026-02-02":
            said = [
                Entry("decide", "D4", question="hold_date"),
                Entry("action", "D2", "Call <them>", ident="a1", owner="Ann", due=dt.date(2026, 2, 5)),
            ]
            meeting.keep(Store.open(found), dt.date(2026, 2, 2), said, author="Vera")
    yield found
    Store.open(found).close()


@pytest.fixture
def digest(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """``digest("--dry-run", TAS_SMTP_HOST="…")``: the command with nothing else in its environment."""

    def call(*words: object, **environment: str) -> Outcome:
        for name, _, _ in VARIABLES.values():
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return run("--store", path, "digest", "--period", "2026Q1", *words)

    return call


def open_post(post: Post, **more: str) -> dict[str, str]:
    return {
        "TAS_SMTP_HOST": "127.0.0.1", "TAS_SMTP_PORT": str(post.port), "TAS_SMTP_TLS": "none",
        "TAS_DIGEST_FROM": "Reviews <reviews@example.com>", "TAS_DIGEST_TO": "vp@example.com, Ann <ann@example.com>",
    } | more  # fmt: skip


def test_a_dry_run_prints_what_would_be_sent(digest: Callable[..., Outcome]) -> None:
    found = digest("--dry-run", "--attach", "html")
    assert found.code == 0
    assert found.out.startswith("Subject: Forecast review Q1, 9 Feb 2026: Open Q1 pipeline fell $690")
    assert "0 of 1 decision of 2 Feb came true" in found.out
    assert "Push: Hold the date. Close date moved from 10 Mar 2026 to 10 Apr 2026" in found.out
    assert "Call <them>: due 5 Feb 2026 (Ann, Grow <b>)" in found.out
    assert "review-2026-02-09.html would go along" in found.err
    assert digest("--dry-run").out == found.out, "the same data give the same digest"


def test_the_week_of_one_leader(digest: Callable[..., Outcome]) -> None:
    found = digest("--dry-run", "--leader", "Ann")
    assert found.out.startswith("Subject: Forecast review Ann, Q1, 9 Feb 2026: ")
    assert "Ann and everybody below" in found.out
    assert "Call <them>" in found.out
    assert "Push" not in found.out, "Bob's deal and what was decided about it"
    refused = digest("--dry-run", "--leader", "Zoe")
    assert (refused.code, refused.out) == (2, "")
    assert "There is nobody called Zoe" in refused.err


def test_a_mail_has_text_page_and_pack(digest: Callable[..., Outcome], post_office: Callable[..., Post]) -> None:
    post = post_office()
    found = digest("--attach", "xlsx", **open_post(post))
    assert (found.code, found.err) == (0, "Sent to 2 addresses.\n")
    assert post.got[0][1] == ["vp@example.com", "ann@example.com"]
    message = post.mail()
    assert message["Subject"].startswith("Forecast review Q1, 9 Feb 2026: Open Q1 pipeline fell")
    assert message["From"] == "Reviews <reviews@example.com>"
    assert message["Message-ID"].endswith("@example.com>")
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "Grow <b>" in text.get_content()
    assert "Grow &lt;b&gt;" in page.get_content()
    assert "<b>:" not in page.get_content()
    assert "http" not in page.get_content(), "a mail fetches nothing"
    attached = list(message.iter_attachments())
    assert [one.get_filename() for one in attached] == ["review-2026-02-09.xlsx"]
    assert attached[0].get_content().startswith(b"PK")


def test_encryption_and_sign_in(
    digest: Callable[..., Outcome], post_office: Callable[..., Post], certificate: tuple[Path, ssl.SSLContext]
) -> None:
    file, context = certificate

    def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    post = post_office(tls_context=context, require_starttls=True, authenticator=knows, auth_required=True)
    words = open_post(post, TAS_SMTP_HOST="localhost", TAS_SMTP_TLS="starttls", TAS_SMTP_USER=USER)
    stranger = digest(**words, TAS_SMTP_PASSWORD=PASSWORD)
    assert stranger.code == 2
    assert "cannot be trusted" in stranger.err, "a certificate that nobody vouches for"
    words["TAS_SMTP_CA_FILE"] = str(file)
    wrong = digest(**words, TAS_SMTP_PASSWORD="wrong")
    assert wrong.code == 2
    assert "does not accept the user" in wrong.err
    assert not post.got
    right = digest(**words, TAS_SMTP_PASSWORD=PASSWORD)
    assert right.code == 0, right.err
    assert len(post.got) == 1
    for outcome in (stranger, wrong, right):
        assert PASSWORD not in outcome.out + outcome.err
        assert mentions_no_traceback(outcome)
    bare = post_office()
    without = digest(**open_post(bare, TAS_SMTP_TLS="starttls"))
    assert without.code == 2
    assert "does not offer what is asked" in without.err
    assert not bare.got, "nothing goes out in the clear that should not"


def test_part_of_the_addresses_is_a_warning_and_none_a_refusal(
    digest: Callable[..., Outcome], post_office: Callable[..., Post]
) -> None:
    post = post_office()
    post.refuses = "ann@example.com"
    found = digest(**open_post(post))
    assert found.code == 1
    assert "Sent to 1 address." in found.err
    assert "Not taken: ann@example.com, 550" in found.err or "nobody here by that name" in found.err
    alone = digest("--to", "ann@example.com", **open_post(post))
    assert alone.code == 2
    assert "takes none of the addresses" in alone.err
    assert len(post.got) == 1


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        ((), {}, "There is nobody to send the digest to"),
        (("--to", "a@example.com"), {}, "The digest has no sender"),
        (("--to", "a@example.com"), {"TAS_DIGEST_FROM": "b@example.com"}, "No mail server is known"),
        (("--to", "a@example.com"), {"TAS_SMTP_TLS": "maybe"}, 'TLS cannot be "maybe"'),
        (("--to", "a@example.com"), {"TAS_SMTP_PORT": "smtp"}, '"smtp" is no port'),
        (("--webhook", "ftp://example.com/x"), {}, "The webhook's address is none"),
        (("--dry-run", "--attach", "docx"), {}, "docx cannot go along"),
        (("--config", "/nowhere/at/all.toml"), {}, "cannot be read"),
    ],
)
def test_what_is_missing_is_said(
    digest: Callable[..., Outcome], words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    found = digest(*words, **environment)
    assert found.code == 2
    assert said in found.err
    assert mentions_no_traceback(found)


def test_a_server_that_is_not_there(digest: Callable[..., Outcome]) -> None:
    found = digest("--to", "a@example.com", TAS_DIGEST_FROM="b@example.com", TAS_SMTP_HOST="127.0.0.1",
                   TAS_SMTP_PORT=str(free_port()), TAS_SMTP_TLS="none")  # fmt: skip
    assert found.code == 2
    assert "does not answer" in found.err


def test_a_file_of_settings_and_the_environment_over_it(tmp_path: Path) -> None:
    file = tmp_path / "mail.toml"
    server = '[smtp]\nhost = "mail.example"\nport = 2525\ntls = "none"\nuser = "u"\npassword = "from file"\n'
    whom = '[digest]\nfrom = "a@b.c"\nto = ["x@y.z", "Ann <ann@y.z>"]\n[webhook]\nurl = "https://h"\n'
    file.write_text(server + whom)
    found = Delivery.known(file, {"TAS_SMTP_PASSWORD": "from environment"})
    assert (found.host, found.port, found.password, found.to) == (
        "mail.example", 2525, "from environment", ("x@y.z", "ann@y.z")
    )  # fmt: skip
    assert "environment" not in repr(found)
    with pytest.raises(CannotSend, match="without encryption"):
        send(found, mail(found, "Subject", "text", "<p>page"))
    file.write_text("smtp = [")
    with pytest.raises(CannotSend, match="no TOML file"):
        Delivery.known(file, {})


@pytest.fixture
def web() -> Iterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """A web server that keeps what is posted to it, and answers the code that its list says."""
    got: list[dict[str, Any]] = []
    answers = [200]

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append({"path": self.path, "type": self.headers["Content-Type"], "body": json.loads(body)})
            self.send_response(answers[-1])
            self.end_headers()
            self.wfile.write(b"no_text" if answers[-1] >= 400 else b"ok")

        def log_message(self, *_words: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook/secret", got, answers
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_json(digest: Callable[..., Outcome], web: tuple[str, list[dict[str, Any]], list[int]]) -> None:
    url, got, answers = web
    assert digest("--webhook", url).code == 0
    body = got[0]["body"]
    assert got[0]["path"] == "/hook/secret"
    assert got[0]["type"].startswith("application/json")
    assert body["text"].startswith("Forecast review Q1, 9 Feb 2026")
    assert body["figures"]["Won"] == "$100"
    assert "Target" not in body["figures"], "nobody has one"
    assert {one["title"] for one in body["sections"]} >= {"1 decision did not come true", "1 action is overdue"}
    assert digest("--style", "teams", TAS_WEBHOOK_URL=url).code == 0
    card = got[1]["body"]["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["body"][0]["text"].startswith("Open Q1 pipeline fell")
    answers.append(400)
    refused = digest("--webhook", url)
    assert refused.code == 2
    assert "127.0.0.1 answers 400: no_text" in refused.err
    assert "secret" not in refused.err, "the address is a password"


def test_it_is_sent_from_here_while_the_dashboard_has_the_store(
    digest: Callable[..., Outcome], path: Path, post_office: Callable[..., Post]
) -> None:
    """The dashboard writes it; where it goes to is known to the job alone."""
    here = digest("--dry-run")
    Store.open(path).close()
    process = holder(path, "relay")
    try:
        there = digest("--dry-run")
        post = post_office()
        sent = digest("--attach", "html", **open_post(post))
        refused = digest("--dry-run", "--where", "nonsense=1")
    finally:
        process.kill()
        process.communicate()
    assert there == here
    assert sent.code == 0, sent.err
    assert [one.get_filename() for one in post.mail().iter_attachments()] == ["review-2026-02-09.html"]
    assert refused.code == 2
    assert 'There is no dimension "nonsense"' in refused.err


def test_an_empty_store_has_nothing_to_tell(tas: Command) -> None:
    found = tas("digest", "--dry-run")
    assert found.code == 2
    assert "There is nothing to tell yet" in found.err
