"""What cells look like, where headers do not tell."""

from __future__ import annotations

import pytest

from tas_analytics.ingest.reading.reader import read_table
from tas_analytics.ingest.understanding.content import (
    are_few_words,
    are_stages,
    cleaned,
    look,
    propose_columns,
    sampler,
)

NUMBERS = range(1, 61)
COLUMNS = {
    "stage": [
        ["Prospecting", "Proposal", "Closed Won", "Closed Lost"] * 15,
        ["Новая", "Переговоры", "Успешно реализовано", "Закрыто и не реализовано"] * 15,
        ["初步接洽", "方案报价", "赢单", "输单"] * 15,
        ["Won", "Lost"] * 30,
        ["Qualifizierung", "Angebot", "Gewonnen", "Verloren", "Sonderweg"] * 12,
    ],
    "date": [
        [f"2026-03-{n % 28 + 1:02d}" for n in NUMBERS],
        [f"{n % 28 + 1}/03/2026" for n in NUMBERS],
        [f"{n % 28 + 1:02d}.03.2026 10:15" for n in NUMBERS],
        [f"2026年3月{n % 28 + 1}日" for n in NUMBERS],
        [*(f"05-Mar-20{n}" for n in range(10, 60)), *["TBD"] * 10],
    ],
    "money": [
        [f"${n * 1250:,}.00" for n in NUMBERS], [f"{n},5 €" for n in NUMBERS], [str(n * 977.5) for n in NUMBERS],
        [str(n % 7 * 50000) for n in NUMBERS],
    ],
    "percent": [[f"{n} %" for n in NUMBERS], ["10", "25", "50", "75", "90"] * 12],
    "currency": [["EUR", "USD", "CHF"] * 20],
    "email": [[f"person{n % 7}@example.com" for n in NUMBERS]],
    "id": [
        [f"OPP-{n:05d}" for n in NUMBERS], [f"006Ec0000{n:04d}KF" for n in NUMBERS], [str(n) for n in NUMBERS],
        [str(100000 + n * 7919 % 99991) for n in NUMBERS],
    ],
    "person": [["Ada Lovelace", "Grace Hopper", "Jörg Müller"] * 20, ["Lovelace, Ada", "Hopper, Grace"] * 30],
    "company": [[f"Customer {n % 9} GmbH" for n in NUMBERS], [f"Acme {n} Ltd." for n in NUMBERS],
        ["甲公司", "乙集团"] * 30],
    "text": [[f"Deal with plant {n} in the north" for n in NUMBERS], ["red", "green", "blue"] * 20],
    "empty": [[], ["", "-", "n/a"]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "cells"), [(kind, cells) for kind, lists in COLUMNS.items() for cells in lists],
    ids=[f"{kind}-{place}" for kind, lists in COLUMNS.items() for place in range(len(lists))],
)  # fmt: skip
def test_a_column_is_known_by_its_cells(kind: str, cells: list[str]) -> None:
    assert look("x", cells).kind == kind


def test_a_vocabulary_of_other_words_is_no_list_of_stages() -> None:
    assert not are_stages(["red", "green", "blue"] * 10)
    assert not are_stages(["Won"] * 30)
    assert not are_stages([f"Closed Won {n}" for n in range(60)])
    assert not are_stages(["10K or less", "30K to 40K", "100K to 250K"] * 10)


def test_few_words_are_a_category() -> None:
    assert are_few_words(["New", "Current"] * 30)
    assert not are_few_words([f"Customer {n}" for n in range(60)])
    assert not are_few_words(["Acme", "Globex"])


def test_cells_are_shown_from_the_whole_length_of_a_table() -> None:
    rows = "\n".join(f"{n},{'late' if n > 4000 else ''}, x{n} " for n in range(1, 5001))
    shown = sampler(read_table(f"number,seldom,name\n{rows}\n".encode(), "long.csv"))
    assert len(shown("number")) <= 400 + 20
    assert int(shown("number")[-1]) > 4900
    assert set(shown("seldom")) == {"late"}
    assert shown("name")[0] == "x1"
    # Of a column that is nearly empty, what there is.
    once = "\n".join(f"{n},{'only' if n == 4321 else ''}" for n in range(1, 5001))
    assert sampler(read_table(f"number,seldom\n{once}\n".encode(), "long.csv"))("seldom") == ["only"]


def test_empty_cells_are_left_out_and_minus_signs_stay() -> None:
    assert cleaned(lambda _header: [" a ", "", "\u00a0", "-"])("x") == ["a", "-"]


def test_rates_are_told_from_deals() -> None:
    cells = {"A": ["EUR", "JPY"] * 20, "B": ["2026-01-01", "2026-02-01"] * 20, "C": ["1.08", "0.0067"] * 20}
    guess = propose_columns(list(cells), lambda header: cells[header])
    assert guess is not None
    assert (guess.table, dict(guess.columns)) == ("rates", {"currency": "A", "date": "B", "rate": "C"})


def test_nothing_is_proposed_of_cells_that_say_nothing() -> None:
    cells = {"A": ["red", "green"] * 20, "B": ["1", "2"] * 20}
    assert propose_columns(list(cells), lambda header: cells[header]) is None
    # Stages alone are no deals either.
    assert propose_columns(["S"], lambda _header: ["Won", "Lost"] * 20) is None
