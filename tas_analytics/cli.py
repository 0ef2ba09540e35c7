"""The same verbs as the dashboard, without a browser.

Results go to stdout, messages to stderr. Exit code 0: done; 1: done, but something was rejected or
a check failed; 2: refused, with what, where and how to mend it.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tas_analytics import __version__
from tas_analytics.commands import review_cli
from tas_analytics.commands.output import Format, err, here, run_in
from tas_analytics.commands.running import State, guarded, with_path
from tas_analytics.config import Config
from tas_analytics.relay import Answer, ask

if TYPE_CHECKING:
    from tas_analytics.store.database import Store

app = typer.Typer(
    name="tas_analytics",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="TAS Analytics: pipeline, method and forecast on top of CRM exports.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsTable = Annotated[str | None, typer.Option("--as", metavar="TABLE", help="The table, if it is not seen.")]
Source = Annotated[str | None, typer.Option("--source", metavar="PRESET", help="The system it comes from.")]
Day = Annotated[
    dt.datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DATE", help="Day, as 2026-09-30.")
]


@app.callback()
def options(
    context: typer.Context,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="PATH", help="Store file; else TAS_STORE, else data/tas.duckdb.")
    ] = None,
) -> None:
    """TAS Analytics: pipeline, method and forecast on top of CRM exports."""
    state = context.ensure_object(State)
    state.store = here(store) if store else None


@app.command()
def load(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Exports: CSV, workbooks, archives, or folders of them.")
    ],
    as_table: AsTable = None,
    source: Source = None,
    as_of: Day = None,
    complete: Annotated[bool, typer.Option("--complete", help="What the file lacks is gone from that day.")] = False,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="Columns and readings, JSON.")
    ] = None,
    attributes: Annotated[
        Literal["auto", "none"],
        typer.Option("--attributes", help="Whether columns without a place become attributes of the deals."),
    ] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, change nothing.")] = False,
    json: Json = False,
) -> None:
    """Load exports: all the files together, or, if one is refused, none."""
    # Threads of numpy's that would wait for work in a loop: there is none for them here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tas_analytics.commands import loading

    loading.import_ahead()
    day = as_of.date() if as_of else None
    wishes = loading.Wishes(as_table, source, day, complete, mapping, dry_run, attributes)
    _with_opening(context, lambda store: loading.load(store, files, wishes, as_json=json))


@app.command()
def mapping(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An export.")],
    as_table: AsTable = None,
    source: Source = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.json", help="Write it; otherwise it is printed.")
    ] = None,
) -> None:
    """Say how a file is read, as a mapping file: change it and give it to `load --mapping`. Loads nothing."""
    from tas_analytics.commands import loading

    wishes = loading.Wishes(as_table, source, None, complete=False)
    _with_store(context, lambda store: loading.mapping(store, file, wishes, out))


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files with tables.")],
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.csv|DIR", help="Write each table as clean CSV.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what the reader makes of files, without loading them."""
    from tas_analytics.commands import reading

    guarded(lambda: reading.read(files, to, as_json=json))


@app.command()
def loads(context: typer.Context, json: Json = False) -> None:
    """List the loads with their control totals."""
    from tas_analytics.commands import loading

    _with_store(context, lambda store: loading.loads(store, as_json=json))


@app.command()
def undo(context: typer.Context, load_id: Annotated[int, typer.Argument(metavar="LOAD_ID")]) -> None:
    """Take a load back, as if it had never happened."""
    from tas_analytics.commands import loading

    _with_store(context, lambda store: loading.undo(store, load_id))


@app.command()
def check(context: typer.Context, json: Json = False) -> None:
    """Prove that the store keeps its promises, and fingerprint its contents."""
    from tas_analytics.commands import loading

    _with_store(context, lambda store: loading.check(store, as_json=json))


@app.command()
def schema(json: Json = False) -> None:
    """The importable tables and their columns."""
    from tas_analytics.commands import questions

    raise typer.Exit(questions.schema(as_json=json))


@app.command()
def metrics(json: Json = False) -> None:
    """Every metric with its definition."""
    from tas_analytics.commands import questions

    raise typer.Exit(questions.metrics(as_json=json))


@app.command()
def measure(
    context: typer.Context,
    metric: Annotated[list[str], typer.Argument(metavar="METRIC...", help="Metric keys, see `metrics`.")],
    by: Annotated[str, typer.Option("--by", metavar="DIM,...", help="Dimensions to split by.")] = "",
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="DIM=VALUE", help="Filter; repeat it for more.")
    ] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="2026Q3", help="Fiscal period.")] = None,
    as_of: Day = None,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Compute metrics, split and filtered."""
    from tas_analytics.commands import questions

    question = questions.Question(metric, by, where or [], period, as_of.date() if as_of else None)
    _with_store(context, lambda store: questions.measure(store, question, format))


@app.command()
def score(
    context: typer.Context,
    as_of: Day = None,
    by: Annotated[
        dt.datetime | None, typer.Option("--by", formats=["%Y-%m-%d"], metavar="DATE", help="Won until this day.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, help="Won within N days; else 90.")] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="DIM=VALUE", help="Filter; repeat it for more.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Score the open deals: the chance that each is won by a day, and why."""
    _learn_beside(context, as_of)

    def act(opening: Future[Store]) -> int:
        from tas_analytics.commands import score as command

        words = command.Asked(as_of.date() if as_of else None, by.date() if by else None, days, where or [])
        return command.score(opening.result(), words, format)

    _with_opening(context, act)


@app.command()
def model(
    context: typer.Context,
    as_of: Day = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Days ahead that it answers for.")] = 90,
) -> None:
    """The fitted model behind the score as a card in JSON: what it learnt from, how well it did, every point of it."""
    _learn_beside(context, as_of)
    from tas_analytics.commands import model as command

    _with_store(context, lambda store: command.model(store, as_of.date() if as_of else None, days))


@app.command()
def forecast(
    context: typer.Context,
    period: Annotated[
        str | None, typer.Option("--period", metavar="2026Q4", help="Fiscal period; else the day's quarter.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DIM|hierarchy", help="A dimension, or hierarchy for leaders too.")
    ] = None,
    where: Annotated[
        list[str] | None, typer.Option("--where", metavar="DIM=VALUE", help="Filter; repeat it for more.")
    ] = None,
    as_of: Day = None,
    unknowns: Annotated[
        bool, typer.Option("--unknowns", help="Instead, what would move the forecast most if it were known.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Forecast a period: won so far, open deals, business not yet created, as P10, P50 and P90, beside the others."""
    _learn_beside(context, as_of)
    from tas_analytics.commands import forecast as command

    words = command.Asked(period, by, where or [], as_of.date() if as_of else None)
    act = command.unknowns if unknowns else command.forecast
    _with_store(context, lambda store: act(store, words, format))


@app.command()
def backtest(
    context: typer.Context,
    as_of: Day = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Length of the windows.")] = 90,
    weeks: Annotated[
        bool, typer.Option("--weeks", help="How far forecasts of past quarters were off, by week, instead.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """The score's track record: what past days would have said, beside simpler answers, and what happened."""
    _learn_beside(context, None, kept=False)
    from tas_analytics.commands import backtest as command

    day = as_of.date() if as_of else None
    if weeks:
        _with_store(context, lambda store: command.weeks(store, day, format))
    else:
        _with_store(context, lambda store: command.backtest(store, day, days, format))


@app.command()
def export(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="An importable table, see `schema`.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .csv, .parquet or .xlsx file.")],
    as_of: Day = None,
) -> None:
    """Write a table to a file that `load` can read again."""
    from tas_analytics.commands import questions

    _with_store(context, lambda store: questions.export(store, table, here(out), as_of.date() if as_of else None))


@app.command()
def calendar(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The .ics file to write.")],
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="Whose activities.")] = None,
    deal: Annotated[str | None, typer.Option("--deal", metavar="ID", help="Of which deal.")] = None,
) -> None:
    """Write open activities to a calendar file: a person's, a deal's, or everybody's."""
    from tas_analytics.commands import calendar as command

    _with_store(context, lambda store: command.calendar(store, person, deal, here(out)))


@app.command()
def inbox(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="PATH", help="The inbox; else TAS_INBOX, else beside the store.")
    ] = None,
    json: Json = False,
) -> None:
    """Load what lies in the inbox and move it away, once. The running dashboard does so by itself."""
    from tas_analytics.commands import inbox as command

    state = context.ensure_object(State)
    place = here(folder) if folder else Config.from_environment(state.store).inbox
    if place is not None:
        state.words += ["--folder", str(place)]  # the dashboard's own inbox may be another one
    _with_store(context, lambda store: command.inbox(store, place, as_json=json))


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on this machine.")] = 8501,
    browser: Annotated[
        bool | None,
        typer.Option("--browser/--no-browser", help="Open the browser; by default where there is a screen."),
    ] = None,
) -> None:
    """Start the dashboard, for this machine only."""
    from tas_analytics.commands import serving

    guarded(lambda: serving.serve(Config.from_environment(context.ensure_object(State).store), port, browser))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main(words: Sequence[str] | None = None) -> None:
    """Entry point of ``python -m tas_analytics``."""
    state = State()
    state.words, state.alone = list(sys.argv[1:] if words is None else words), words is None
    try:
        app(args=state.words, obj=state, prog_name="python -m tas_analytics")
    finally:
        if words is None:
            _leave()


def _leave() -> None:
    """Close what is open, as the process ends: looking through all that was imported for garbage takes longer."""
    if (beside := sys.modules.get("tas_analytics.forecast.beside")) is not None:
        beside.end()
    if (database := sys.modules.get("tas_analytics.store.database")) is not None:
        database.Store.close_all()
    gc.freeze()


def run_words(words: Sequence[str], cwd: Path) -> Answer:
    """Carry out a command within this process, as if called in ``cwd``: what the dashboard does for the relay."""
    state = State()
    state.words, state.may_ask = list(words), False
    return run_in(cwd, lambda: app(args=list(words), obj=state, standalone_mode=False, prog_name="tas_analytics"))


def _learn_beside(context: typer.Context, as_of: dt.datetime | None, *, kept: bool = True) -> None:
    """Have another process ready for what there is to learn, where this one is the command's own."""
    state = context.ensure_object(State)
    if state.alone:
        from tas_analytics.forecast import beside

        # A model is kept of the newest day only.
        beside.begin(Config.from_environment(state.store).store if kept and as_of is None else None)


def _with_store(context: typer.Context, command: Callable[[Store], int]) -> None:
    _with_opening(context, lambda opening: command(opening.result()))


def _with_opening(context: typer.Context, command: Callable[[Future[Store]], int]) -> None:
    """Run a command that need not wait for the store before it begins, if it stops where opening the store fails."""
    state = context.ensure_object(State)
    path = Config.from_environment(state.store).store

    def act() -> int:
        from tas_analytics.store.database import Store, StoreLocked

        try:
            with ThreadPoolExecutor(1, "tas-open") as pool:
                return command(pool.submit(Store.open, path))
        except StoreLocked:
            if not state.may_ask:
                raise
            try:
                answer = ask(path, with_path(state, path))
            except KeyboardInterrupt:
                err("Not waiting any longer: the dashboard, which has the store open, is still ending the command.")
                return 2
            if answer is None:
                raise
            sys.stdout.write(answer.stdout)
            sys.stderr.write(answer.stderr)
            return answer.code

    guarded(act)


review_cli.add_to(app, _with_store)
