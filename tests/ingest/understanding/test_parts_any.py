"""Whatever a file holds: recognising it and taking it apart never fails otherwise than in words, and loses no row."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from tas_analytics.errors import TasError
from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.understanding.content import sampler
from tas_analytics.ingest.understanding.mapping import corrected, missing_required, propose
from tas_analytics.ingest.understanding.parts import take_apart
from tas_analytics.ingest.understanding.presets import presets, synonyms
from tas_analytics.method.criteria import criteria
from tas_analytics.store import TABLES, table

HEADERS = sorted(
    {name for preset in presets() for names in preset.columns.values() for name in names}
    | {name for preset in presets() for recipe in preset.recipes for s in recipe.sources for name in s.names}
    | {name for columns in synonyms().values() for names in columns.values() for name in names}
    | {column.label for one in TABLES for column in one.columns}
    | {one.name for one in criteria()}
    | {"Date entered “Won (Sales)”", "hs_v2_date_entered_won", "Won date", "Entered Proposal", "1", "2", "Acme: Risk"}
)
CELLS = st.sampled_from(
    ["", " ", "-", "+", "?", "yes", "no", "1", "0", "Won", "Lost", "open", "Proposal", "2026-01-01", "12.5", "EUR",
     "true", "1/2/2026", "Acme; Globex", "Ann", "(No value)", "\u00a0", "é", "StageName", "Amount", "赢单", "1.234,5 €"]
)  # fmt: skip
#: Headers that belong together: those of an export, of a template, of an assessment.
KINDS = [
    *(
        [*(names[0] for names in preset.require), *(names[0] for names in preset.columns.values()), *preset.some_of]
        + [source.names[0] for recipe in preset.recipes for source in recipe.sources if source.names]
        for preset in presets()
    ),
    *([column.label for column in one.columns] for one in TABLES),
    ["Deal ID", *(one.name for one in criteria())],
    ["Deal ID", "Stage", "Amount", *(f"Date entered “{stage}”" for stage in ("Won", "Lost", "Proposal"))],
]


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A file with most headers of one kind, some of any, and cells of all kinds."""
    kind = list(dict.fromkeys(draw(st.sampled_from(KINDS))))
    kept = [header for header in kind if draw(st.integers(0, 5))]
    headers = list(dict.fromkeys([*kept, *draw(st.lists(st.sampled_from(HEADERS), max_size=4))])) or kind
    row = st.lists(CELLS, min_size=len(headers), max_size=len(headers))
    return headers, draw(st.lists(row, min_size=1, max_size=4))


@given(files())
@settings(max_examples=250)
def test_any_file_is_taken_apart_or_refused_in_words(file: tuple[list[str], list[list[str]]]) -> None:
    headers, body = file
    lines = ["\t".join(f'"{cell}"' for cell in row) for row in [headers, *body]]
    try:
        text = read_table(("\n".join(lines) + "\n").encode(), "file.tsv")
        mapping = propose(text.columns, text.name, content=sampler(text))
    except TasError:
        return
    one = table(mapping.table)
    assert set(mapping.columns.values()) <= set(text.columns)
    assert len(set(mapping.columns.values())) == len(mapping.columns)
    main, *parts = take_apart(text, mapping)
    assert set(main.mapping.columns.values()) <= set(main.text.columns)
    assert main.text.data.num_rows + len(main.text.unplaced) == main.text.rows_in_file
    if not mapping.wide:
        assert main.text.rows_in_file == text.rows_in_file
    known = set(text.data["line"].to_pylist())
    for part in [main, *parts]:
        assert set(part.text.data["line"].to_pylist()) <= known
        assert missing_required(part.mapping) == (missing_required(mapping) if part is main else [])
        for column in part.mapping.columns:
            table(part.mapping.table).column(column)
        assert part.text.data.column_names == [f"c{n}" for n in range(len(part.text.columns))] + ["line"]
        assert all(part.text.data[name].null_count == 0 for name in part.text.data.column_names)
    # What the page shows can be sent back unchanged.
    again = corrected(mapping, dict(main.mapping.columns), text.columns)
    assert dict(take_apart(text, again)[0].mapping.columns) == dict(main.mapping.columns)
    assert one.name == main.mapping.table
