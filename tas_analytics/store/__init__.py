"""The store: the only package that opens DuckDB."""

from tas_analytics.store.database import Store
from tas_analytics.store.tables import TABLES, Column, Table, table

__all__ = ["TABLES", "Column", "Store", "Table", "table"]
