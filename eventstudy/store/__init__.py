"""The results database: schema, one writer, readers."""
