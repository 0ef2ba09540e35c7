"""Findings about the data, ranked, with what to do about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from tas_analytics.formats import escape_markdown, money
from tas_analytics.ingest.verdict import VERDICTS, Finding
from tas_analytics.ui import page
from tas_analytics.ui.session import View

_MARK: Final = {"problem": ":red[**✕**]", "caveat": ":orange[**!**]", "note": ":gray[·]"}


def findings_list(findings: Sequence[Finding], title: str = "", currency: str | None = None) -> None:
    """One line a finding: its mark, what it says, how to mend it, and examples."""
    lines = []
    for finding in findings:
        examples = f" For example: {'; '.join(finding.examples)}." if finding.examples else ""
        money_words = f" ({money(finding.amount, currency)})" if finding.amount and currency else ""
        lines.append(
            f"{_MARK[finding.severity]} {escape_markdown(finding.text + money_words)}  \n"
            f":small[:gray[{escape_markdown(finding.mend + examples)}]]"
        )
    if lines:
        head = f"**{escape_markdown(title)}**\n\n" if title else ""
        st.markdown(head + "\n\n".join(lines))


def trust_tab(view: View) -> None:
    """The tab Data trust: the verdict on the whole store."""
    if view.empty:
        page.finding("Nothing to judge yet", "The verdict comes with the first load of deals")
        return
    verdict, findings = view.verdict()
    caveats = sum(finding.severity != "note" for finding in findings)
    page.finding(
        f"{VERDICTS[verdict]}" + (f": {caveats} thing{'s' if caveats != 1 else ''} to know" if caveats else ""),
        "Checked on the newest state of every deal, gravest first",
    )
    if not findings:
        st.markdown("Every deal has an owner, an account, an amount and the dates it needs, and every name is known.")
    findings_list(findings, currency=view.company.currency)
