"""Invented frames for the forms about strategy and winning."""

from __future__ import annotations

import random

import pandas as pd


def tree(answers: str = "yyn?", long: bool = False) -> pd.DataFrame:
    """Seven questions; ``answers`` has a letter for each that is reached."""
    questions = ["Compelling event", "Can we compete", "Three to one", "Criteria can change", "A part to win",
                 "Position to protect", "Worth coming back"]  # fmt: skip
    exits = ["", "", "Frontal", "Flanking", "Fragment", "Defend", "Develop"]
    rows = []
    for i, question in enumerate(questions):
        letter = answers[i] if i < len(answers) else "-"
        rows.append(
            {
                "key": f"q{i}",
                "question": f"{question} <b>{'very ' * 9}</b>" if long else question,
                "answer": {"y": "yes", "n": "no"}.get(letter, "unknown"),
                "state": {"-": "off", "?": "open", "p": "passed"}.get(letter, "taken"),
                "note": "#5 Compelling event: favourable (+)" if letter != "-" else "",
                "exit": exits[i],
                "exit_on": "yes" if exits[i] else "",
                "skips": 5 if i < 2 else None,
                "below": "Disengage" if i == 6 else "",
            }
        )
    return pd.DataFrame(rows)


def differences(count: int = 8) -> pd.DataFrame:
    dice = random.Random(4)
    rows = []
    for i in range(count):
        value = 0.34 - 0.08 * i
        half = dice.uniform(0.06, 0.2)
        verdict = "more" if i < 2 else "few" if i > count - 3 else "none"
        rows.append(
            {
                "key": str(i + 1),
                "label": f"#{i + 1} Compelling <b>event</b> & more" if i == 3 else f"#{i + 1} Inside support",
                "detail": "54 % of 253 against 20 % of 203",
                "difference": None if i == count - 1 else value,
                "low": None if i == count - 1 else value - half,
                "high": None if i == count - 1 else value + half,
                "verdict": verdict,
                "hover": "54 % of 253 won\n20 % of 203 won",
            }
        )
    return pd.DataFrame(rows)


def panels(groups: int = 3, quarters: int = 8) -> pd.DataFrame:
    dice = random.Random(9)
    rows = []
    for group in range(groups):
        for quarter in range(quarters):
            rate = dice.uniform(0.1, 0.7)
            rows.append(
                {
                    "group": ["Halden", "Orrin & Söhne <AG>", "A competitor with a very long name, Inc. of Delaware"][
                        group % 3
                    ],
                    "key": f"g{group}",
                    "summary": "33 % of 120 · value 38 %",
                    "period": f"Q{quarter % 4 + 1} {2025 + quarter // 4}",
                    "order": quarter,
                    "rate": rate,
                    "low": max(rate - 0.2, 0),
                    "high": min(rate + 0.2, 1),
                    "cases": dice.randint(2, 40),
                }
            )
    return pd.DataFrame(rows)
