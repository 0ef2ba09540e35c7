"""The words of the commands of the weekly review: what changed, what is at risk, the pack.

They are added to the command line by :func:`add_to`; what they do is in the modules named after them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tas_analytics.commands.output import Format, here
from tas_analytics.commands.running import State, guarded

if TYPE_CHECKING:
    from tas_analytics.store.database import Store

Day = Annotated[
    dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="Day, as 2026-09-30.")
]
Where = Annotated[list[str] | None, typer.Option("--where", metavar="DIM=VALUE", help="Filter; repeat it for more.")]
Quarter = Annotated[
    str | None, typer.Option("--period", metavar="2026Q3", help="Fiscal period; else the day's quarter.")
]
Since = Annotated[
    dt.datetime | None,
    typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="First day; else a week before."),
]
Leader = Annotated[
    str | None, typer.Option("--leader", "--scope", metavar="NAME", help="A leader or manager: with everybody below.")
]
WithStore = Callable[[typer.Context, "Callable[[Store], int]"], None]


def add_to(app: typer.Typer, with_store: WithStore) -> None:
    """Add the commands to the command line.

    Parameters
    ----------
    app
        The command line.
    with_store
        Carries out a command on the store, or has the process do so that holds it.
    """

    @app.command()
    def changes(
        context: typer.Context,
        since: Annotated[
            dt.datetime, typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="First day, as 2026-09-23.")
        ],
        as_of: Day = None,
        period: Annotated[str | None, typer.Option("--period", metavar="2026Q3", help="Fiscal period.")] = None,
        where: Where = None,
        format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
    ) -> None:
        """Say what changed between two days: the waterfall and, as CSV or JSON, its deals."""
        from tas_analytics.commands import changes as command

        words = command.Comparison(since.date(), where or [], period, as_of.date() if as_of else None)
        with_store(context, lambda store: command.changes(store, words, format))

    @app.command()
    def risks(
        context: typer.Context,
        as_of: Day = None,
        period: Quarter = None,
        where: Where = None,
        scores: Annotated[
            bool, typer.Option("--scores", help="Check the scores, too, which takes some seconds.")
        ] = False,
        format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
    ) -> None:
        """List the open deals at risk by the company's rules: each once, with its risks and the facts behind them."""
        from tas_analytics.commands import questions, risks as command

        words = questions.Question((), "", where or [], period, as_of.date() if as_of else None)
        with_store(context, lambda store: command.risks(store, words, format, scores=scores))

    @app.command()
    def review(
        context: typer.Context,
        out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .pdf, .pptx, .xlsx or .html file.")],
        since: Since = None,
        as_of: Day = None,
        period: Quarter = None,
        where: Where = None,
        leader: Leader = None,
    ) -> None:
        """Write the weekly review as a document: what changed, the forecast board, the deals that moved."""
        from tas_analytics.commands import changes as command, review as writing

        days = [day.date() if day else None for day in (since, as_of)]
        words = command.Comparison(days[0], where or [], period, days[1])
        with_store(context, lambda store: writing.review(store, words, here(out), leader))

    @app.command()
    def digest(
        context: typer.Context,
        to: Annotated[
            list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Who gets it; else TAS_DIGEST_TO.")
        ] = None,
        webhook: Annotated[
            str | None, typer.Option("--webhook", metavar="URL", help="Where it is posted; else TAS_WEBHOOK_URL.")
        ] = None,
        style: Annotated[
            Literal["text", "teams"], typer.Option("--style", help="For Slack and others, or a card for Teams.")
        ] = "text",
        attach: Annotated[
            str | None, typer.Option("--attach", metavar="ENDING", help="Add the pack: pdf, pptx, xlsx or html.")
        ] = None,
        config: Annotated[
            Path | None, typer.Option("--config", metavar="FILE.toml", help="Mail server and addresses.")
        ] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Print it, send nothing.")] = False,
        since: Since = None,
        as_of: Day = None,
        period: Quarter = None,
        where: Where = None,
        leader: Leader = None,
        content: Annotated[bool, typer.Option("--content", hidden=True)] = False,
    ) -> None:
        """Send the weekly digest by mail or to a webhook: what changed, the forecast, risks, decisions, actions."""
        from tas_analytics.commands import changes as comparing, digest as command
        from tas_analytics.config import Config

        days = [day.date() if day else None for day in (since, as_of)]
        about = comparing.Comparison(days[0], where or [], period, days[1])
        wishes = command.Wishes(
            about, tuple(to or ()), webhook, style, attach, here(config) if config else None, dry_run, leader
        )
        if content:
            with_store(context, lambda store: command.content(store, wishes))
            return
        state = context.ensure_object(State)
        path = Config.from_environment(state.store).store
        guarded(lambda: command.digest(state, path, wishes))
