"""Stores for the tests of the pages: the public data, and the awkward ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tas_analytics.ingest.loading.loader import load
from tas_analytics.ingest.planning.plan import Options, prepare
from tas_analytics.store.database import Store

#: Text that would format, link, run or break something if a page forgot to escape it.
MARKUP: Final = (
    "*Bold* Ltd.",
    "Snake_case_ Corp",
    "$mith & $ons",
    "<b>Tag</b> GmbH",
    "Pipe | Line",
    "[x](http://evil.example)",
    "Rocket 🚀 AG",
    "`code` :red[loud] #1",
    "<script>alert(1)</script>",
    "A very long name " * 12 + "Ltd.",
    "=1+1",
)
DEALS: Final = "opportunity_id,name,account,owner,stage,amount,close_date,created_date\n"


def store_with(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A store with these files loaded together, closed."""
    store = Store.open(path)
    try:
        data = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
        load(store, [prepare(content, name, Options()) for name, content in data.items()], user="test")
    finally:
        store.close()
    return path


#: The files of the public CRM data, deals first.
PUBLIC_FILES: Final = ("sales_pipeline.csv", "accounts.csv", "products.csv", "sales_teams.csv")


def public_crm(public_data: Path) -> dict[str, bytes]:
    """The four files of the public CRM data."""
    return {name: (public_data / "maven_crm" / name).read_bytes() for name in PUBLIC_FILES}


def one_deal() -> dict[str, str]:
    """A single open deal."""
    return {"deals.csv": DEALS + "D1,Only one,Acme,Ann Lee,Proof,120000,2026-12-10,2026-10-01\n"}


def markup_names() -> dict[str, str]:
    """Every name in the store holds markup; some deals are open, won and lost."""
    stages = ["Qualify", "Proof", "Won", "Lost"]
    lines = []
    for index, name in enumerate(MARKUP):
        quoted = '"' + name.replace('"', '""') + '"'
        stage = stages[index % 4]
        month = "10" if stage in {"Won", "Lost"} else "12"
        lines.append(
            f"M{index},{quoted},{quoted},{quoted},{stage},{(index + 1) * 1000},2026-{month}-0{index % 9 + 1},2026-09-01"
        )
    return {"deals.csv": DEALS + "\n".join(lines) + "\n"}


def plans() -> dict[str, str]:
    """Deals whose milestones, activities and people at the customer are called by markup."""
    quoted = ['"' + name.strip().replace('"', '""') + '"' for name in MARKUP]
    steps, tasks = ["opportunity_id,milestone,contact,target_date,achieved_date,evidence,description"], []
    tasks.append(
        "activity_id,opportunity_id,subject,type,display,milestone,owner,contact,resources,status,due_date,note"
    )
    for index, name in enumerate(quoted):
        reached = "2026-10-05" if index % 3 else ""
        steps.append(f"M0,{name},{name},2026-10-0{index % 9 + 1},{reached},{name},{name}")
        tasks.append(f"{index},M0,{name},Call,Activity,{name},{name},{name},{name},Planned,2026-09-15,{name}")
    return markup_names() | {"milestones.csv": "\n".join(steps) + "\n", "activities.csv": "\n".join(tasks) + "\n"}


def no_amounts() -> dict[str, str]:
    """Deals that have dates but no amounts."""
    lines = [f"A{i},Deal {i},Acme,Ann Lee,{stage},,2026-1{i % 3}-15,2026-09-01" for i, stage in enumerate(_STAGES)]
    return {"deals.csv": DEALS + "\n".join(lines) + "\n"}


def no_dates() -> dict[str, str]:
    """Deals that have amounts but no dates at all."""
    header = "opportunity_id,name,account,owner,stage,amount\n"
    return {
        "deals_2026-11-16.csv": header
        + "\n".join(f"T{i},Deal {i},Acme,Ann Lee,{stage},{1000 * (i + 1)}" for i, stage in enumerate(_STAGES))
        + "\n"
    }


_STAGES: Final = ("Qualify", "Develop", "Proof", "Close", "Won", "Lost")
