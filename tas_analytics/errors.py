"""The one family of errors that a user is meant to read.

Every refusal anywhere in the program is a :class:`TasError`: a title that says what happened
and a hint that says how to mend it. The command line prints both and exits with code 2; a page
draws both in its error state. Anything else that is raised is a defect of ours.
"""

from __future__ import annotations


class TasError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    title
        What happened and where, as one sentence without a full stop.
    hint
        How to mend it, as a full sentence. May be empty only where nothing can be done.
    """

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.title}. {self.hint}".strip()


class UnreadableFile(TasError):
    """A file is not a table that can be read."""


class UnknownTable(TasError):
    """A file was read, but it cannot be told what it holds, or it lacks a needed column."""


class BadQuestion(TasError):
    """A metric, dimension, period or filter that does not exist."""


class StoreProblem(TasError):
    """The store cannot be opened, is locked, or is not ours."""


class UndoRefused(TasError):
    """A load cannot be undone."""


class UnknownRecord(TasError):
    """A record that is to be changed is not there."""
