"""Which files are taken from a folder, and offered for upload. What a file holds is told by its content."""

from typing import Final

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".gz", ".zip")
