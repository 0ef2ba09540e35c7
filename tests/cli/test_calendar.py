"""calendar: activities as a file for calendars."""

from __future__ import annotations

from pathlib import Path

import icalendar

from tests.cli.conftest import Command, mentions_no_traceback

TASKS = (
    "activity_id,opportunity_id,subject,type,display,status,start_date,due_date,owner\n"
    "1,D1,Meet them,Meeting,Calendar and activity,Planned,2026-02-10 09:30,,Ann\n"
    "2,D1,Write it,To do,To do,Planned,,2026-02-12,Bob\n"
    "3,D3,List only,Call,Activity,Planned,,2026-02-12,Ann\n"
)


def summaries(path: Path) -> list[str]:
    found = icalendar.Calendar.from_ical(path.read_bytes())
    return sorted(str(part["summary"]) for part in found.walk() if part.name in ("VEVENT", "VTODO"))


def test_a_persons_a_deals_and_everybodys_activities(tas: Command, deals: Path, tmp_path: Path) -> None:
    tasks, out = tmp_path / "activities.csv", tmp_path / "file.ics"
    tasks.write_text(TASKS, encoding="utf-8")
    assert tas("load", deals, tasks).code == 0
    found = tas("calendar", "--person", "Ann", "--out", out)
    assert (found.code, found.err) == (0, "")
    assert found.out.strip().endswith("1 entry of 2 activities")
    assert summaries(out) == ["Meet them – Acme renewal"]
    assert tas("calendar", "--deal", "D1", "--out", out).code == 0
    assert summaries(out) == ["Meet them – Acme renewal", "Write it – Acme renewal"]
    assert tas("calendar", "--out", out).code == 0
    assert len(summaries(out)) == 2
    assert tas("calendar", "--deal", "D1", "--person", "Bob", "--out", out).code == 0
    assert summaries(out) == ["Write it – Acme renewal"]


def test_who_has_nothing_is_told_who_has(tas: Command, deals: Path, tmp_path: Path) -> None:
    out = tmp_path / "file.ics"
    empty = tas("calendar", "--out", out)
    assert (empty.code, empty.out) == (2, "")
    tasks = tmp_path / "activities.csv"
    tasks.write_text(TASKS, encoding="utf-8")
    tas("load", deals, tasks)
    nobody = tas("calendar", "--person", "Zoe", "--out", out)
    assert nobody.code == 2
    assert "Ann, Bob" in nobody.err
    missing = tas("calendar", "--deal", "D9", "--out", out)
    assert missing.code == 2
    assert all(mentions_no_traceback(one) for one in (empty, nobody, missing))
    assert not out.exists()
