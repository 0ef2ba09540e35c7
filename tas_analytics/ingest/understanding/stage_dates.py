"""Columns that say when a deal entered a stage, one for each stage, as a history of the deal."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tas_analytics.formats import count
from tas_analytics.ingest.structure.texttable import Note, TextTable
from tas_analytics.ingest.understanding.headers import normal
from tas_analytics.ingest.understanding.transforms import column_of, filled

_QUOTES: Final = "\"'“”„«»‘’`"
_INTERNAL: Final = re.compile(r"hs_(?:v2_)?date_(?P<way>entered|exited)_(?P<stage>.+)", re.IGNORECASE)
#: As HubSpot words it in English, German, French, Spanish and Portuguese.
_LABEL: Final = re.compile(
    r"(?:date|datum|fecha|дата)\s+(?P<way>entered|exited)\s+(?P<stage>.+?)\s*(?:\(deal\))?"
    r"|datum des (?P<way_de>eintritts in|austritts aus)(?: (?:die )?phase)? (?P<stage_de>.+)"
    r"|date (?:d['’](?P<way_fr>entrée) dans|de (?P<way_fr2>sortie) de)(?: l['’]étape)? (?P<stage_fr>.+)"
    r"|fecha de (?P<way_es>entrada en|ingreso a|ingreso en|salida de)(?: la etapa)? (?P<stage_es>.+)"
    r"|data de (?P<way_pt>entrada em|entrada na|saída de|saída da)(?: etapa)? (?P<stage_pt>.+)",
    re.IGNORECASE,
)
#: How the ways of leaving a stage begin.
_LEAVING: Final = ("exit", "left", "austritt", "sortie", "salida", "saída")
_PLAIN: Final = re.compile(r"(?P<way>entered|reached|exited|left)\s+(?P<stage>.+)", re.IGNORECASE)
_BEHIND: Final = re.compile(
    r"(?P<stage>.+?)[\s_:\-–—]+"
    r"(?:(?:entered|reached)(?:[\s_]+(?:at|on))?|entry date|start date|start|date|datum|since|on|at)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"(?:date|datum)[\s_:\-–—]+(?P<stage>.+)", re.IGNORECASE)
#: Durations beside the dates: they follow from them, and are no dates.
_DURATION: Final = re.compile(
    r"(?:cumulative time in|latest time in|time in|(?:kumulierte |letzte )?zeit in|"
    r"hs_(?:v2_)?(?:cumulative_|latest_)?time_in_).*",
    re.IGNORECASE,
)
_WITH_PIPELINE: Final = re.compile(r"(?P<stage>.+?)\s*\((?P<pipeline>[^()]+)\)")
_CURRENT: Final = ("current stage", "current_stage", "currentstage")


@dataclass(frozen=True)
class StageDate:
    """A header that holds the day of entering or leaving a stage."""

    header: str
    stage: str
    pipeline: str
    entered: bool


def find(headers: Sequence[str], stages: Collection[str], pipelines: Collection[str]) -> list[StageDate]:
    """The stage dates among headers.

    Parameters
    ----------
    headers
        Headers that feed nothing yet.
    stages, pipelines
        The values that the file's own columns hold; only they tell that "Proposal date" is the day of a stage.
    """
    own = {normal(stage): stage for stage in stages if stage.strip()}
    flows = {normal(pipeline): pipeline for pipeline in pipelines if pipeline.strip()}
    found = []
    for header in headers:
        if is_duration(header):
            continue
        one = _one(header, own, flows)
        if one is not None:
            found.append(one)
    return found


def is_stage_date(header: str) -> bool:
    """Whether a header is the day of a stage whatever the file's stages are."""
    match = _INTERNAL.fullmatch(header.strip()) or _LABEL.fullmatch(header.strip())
    return match is not None and not any(_said(match, "stage").lower().startswith(word) for word in _CURRENT)


def is_duration(header: str) -> bool:
    """Whether a header holds the time spent in a stage."""
    return bool(_DURATION.fullmatch(header.strip()))


def history(
    text: TextTable, dates: Sequence[StageDate], ids: pa.ChunkedArray, pipelines: pa.ChunkedArray | None
) -> tuple[dict[str, pa.ChunkedArray], pa.ChunkedArray, list[Note]]:
    """Columns of the table of histories, the lines they come from, and what there is to say."""
    leaving = {(one.stage, one.pipeline): one.header for one in dates if not one.entered}
    tables, lonely = [], 0
    blank = pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), text.data.num_rows)])
    entered = [one for one in dates if one.entered]
    for one in entered:
        cells = filled(column_of(text, one.header))
        gone = leaving.get((one.stage, one.pipeline))
        left = column_of(text, gone) if gone else blank
        if gone:
            lonely += pc.sum(pc.and_(pc.is_null(cells), pc.is_valid(filled(left)))).as_py() or 0
        flow = pipelines if not one.pipeline and pipelines is not None else None
        rows = pa.table(
            {
                "opportunity_id": ids,
                "changed_at": cells,
                "left_at": left,
                "pipeline": flow if flow is not None else _same(text, one.pipeline),
                "stage": _same(text, one.stage),
                "line": text.data["line"],
            }
        )
        tables.append(rows.filter(pc.is_valid(cells)))
    both = {(one.stage, one.pipeline) for one in entered}
    unpaired = [one.header for one in dates if not one.entered and (one.stage, one.pipeline) not in both]
    whole = pa.concat_tables(tables).sort_by([("line", "ascending")])
    notes = [
        Note(
            "parts",
            None,
            f"{count(whole.num_rows, 'day')} of entering a stage, from {count(len(entered), 'column')}, "
            "became the history of the deals.",
        )
    ]
    if lonely or unpaired:
        which = f"column “{unpaired[0]}”" if unpaired else count(lonely, "cell")
        sentence = f"A day of leaving a stage without the day of entering it says too little and is left out: {which}."
        notes.append(Note("parts", None, sentence))
    columns = {name: whole[name] for name in whole.column_names if name != "line"}
    return columns, whole["line"], notes


def _same(text: TextTable, value: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), text.data.num_rows)])


def _one(header: str, own: Mapping[str, str], flows: Mapping[str, str]) -> StageDate | None:
    text = header.strip().rstrip("*").strip()
    for pattern, sure in ((_INTERNAL, True), (_LABEL, True), (_PLAIN, False), (_BEHIND, False), (_BEFORE, False)):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        way = _said(match, "way").lower()
        raw = _said(match, "stage").strip()
        if any(raw.lower().startswith(word) for word in _CURRENT):
            return None
        bare = re.sub(f"[{_QUOTES}]+$", "", re.sub(f"^[{_QUOTES}]+", "", raw)).strip()
        stage, pipeline = _apart(bare, own, flows)
        if pattern is _INTERNAL:
            # A number behind the name is the system's own, to keep two stages of one name apart.
            stage = own.get(normal(stage)) or own.get(normal(re.sub(r"_\d+$", "", stage))) or stage
        if (sure or normal(stage) in own) and stage:
            return StageDate(header, own.get(normal(stage), stage), pipeline, not way.startswith(_LEAVING))
    return None


def _said(match: re.Match[str], what: str) -> str:
    """The stage or the way, in whichever language it stands."""
    return next((text for name, text in match.groupdict().items() if name.startswith(what) and text), "")


def _apart(text: str, own: Mapping[str, str], flows: Mapping[str, str]) -> tuple[str, str]:
    """Stage and pipeline of "Proposal (Sales Pipeline)"; a stage's own brackets stay with it."""
    if normal(text) in own and text.count("(") <= own[normal(text)].count("("):
        return text, ""
    match = _WITH_PIPELINE.fullmatch(text)
    if match is None:
        return text, ""
    stage, pipeline = match["stage"].strip(f" {_QUOTES}"), match["pipeline"].strip(f" {_QUOTES}")
    return stage, flows.get(normal(pipeline), pipeline)
