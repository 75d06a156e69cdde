"""Outside judges: other people's tools, asked about the schema, the examples and a server on loopback."""
