"""Outside judges: other people's tools, run against a real server on loopback."""
