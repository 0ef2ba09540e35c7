"""Planned tables into the store: typed, written, accounted for, all in one transaction."""
