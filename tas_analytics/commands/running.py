"""What a command needs to run: the words it was called with, where its store is, and how it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import typer

from tas_analytics.commands.output import err
from tas_analytics.errors import TasError


class State:
    """What the options before the command have set, and the words of the whole command."""

    def __init__(self) -> None:
        self.store: Path | None = None
        self.words: list[str] = []
        self.may_ask = True
        #: Whether the process is the command's own, and ends with it.
        self.alone = False


def with_path(state: State, path: Path) -> list[str]:
    """The command's words with the store spelled out: the dashboard's own settings must not decide it."""
    words = list(state.words)
    if state.store is not None:
        for index, word in enumerate(words):
            if word == "--store":
                del words[index : index + 2]
                break
            if word.startswith("--store="):
                del words[index]
                break
    return ["--store", str(path), *words]


def guarded(act: Callable[[], int]) -> NoReturn:
    """Run a command and end the process as it says: what the user can mend in words, a defect with its name."""
    try:
        code = act()
    except TasError as error:
        err(f"{error.title}.")
        if error.hint:
            err(error.hint)
        code = 2
    except BrokenPipeError:
        raise  # whoever read the output has gone: no defect, and typer knows what to do
    except Exception as error:
        if os.environ.get("TAS_DEBUG"):
            raise
        err(f"The program failed where it should not: {type(error).__name__}: {error}.")
        err("Nothing was changed. Please report this with the command; TAS_DEBUG=1 shows where it happened.")
        code = 2
    raise typer.Exit(code)
