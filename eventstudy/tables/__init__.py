"""One reader of tables: what one command understands, all do."""
