"""Findings about the data, ranked, with what to do about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from tas_analytics.formats import escape_markdown, money, sentence_case
from tas_analytics.ingest.judging.verdict import VERDICTS, Finding
from tas_analytics.ui import page
from tas_analytics.ui.session import View

_GROUPS: Final = {
    "problem": "What makes the data unusable",
    "caveat": "What to keep in mind when reading the numbers",
    "note": "Worth knowing",
}
_MARK: Final = {"problem": ":red[**✕**]", "caveat": ":orange[**!**]", "note": ":gray[·]"}


def findings_list(
    findings: Sequence[Finding], title: str = "", currency: str | None = None, *, heading: bool = False
) -> None:
    """One line a finding: its mark, what it says, the money concerned, how to mend it, and examples."""
    lines = []
    for finding in findings:
        examples = f" For example: {'; '.join(finding.examples)}." if finding.examples else ""
        worth = f" · **{escape_markdown(money(finding.amount, currency))}**" if finding.amount and currency else ""
        lines.append(
            f"{_MARK[finding.severity]} {escape_markdown(sentence_case(finding.text))}{worth}  \n"
            f":small[:gray[{escape_markdown(finding.mend + examples)}]]"
        )
    if lines:
        words = escape_markdown(title)
        head = (f"### {words}\n\n" if heading else f"**{words}**\n\n") if title else ""
        st.markdown(head + "\n\n".join(lines), anchors=False)


def trust_tab(view: View) -> None:
    """The tab Data trust: the verdict on the whole store."""
    verdict, findings = view.verdict()
    if view.empty:
        page.finding("Nothing to judge yet", "The verdict comes with the first load of deals")
        findings_list(findings)
        return
    if not findings:
        page.finding(
            VERDICTS[verdict], "Every deal has an owner, an account, an amount and its dates; all names are known"
        )
        return
    st.caption(
        "Checked: the newest state of every deal, its history, the names it uses and the files it came from. "
        "Gravest first, then by the money of the deals concerned."
    )
    for severity, title in _GROUPS.items():
        group = [finding for finding in findings if finding.severity == severity]
        if group:
            with page.card(f"trust-{severity}"):
                findings_list(group, title, view.company.currency, heading=True)
