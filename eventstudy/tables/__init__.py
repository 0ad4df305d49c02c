"""One reader of tables: what one command understands, all do."""

from eventstudy.tables.options import Options
from eventstudy.tables.table import Table, of_frame, read_table

__all__ = ["Options", "Table", "of_frame", "read_table"]
