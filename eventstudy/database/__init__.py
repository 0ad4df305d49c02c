"""The results database as a file: connection, schema, and what its columns mean."""
