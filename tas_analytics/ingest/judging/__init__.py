"""How far the data can be trusted: checks as data, findings, verdict."""
