"""From stored results to pages: sentences, tables, charts, HTML, files."""
