"""The door: HTTP, files, command line, settings, sign-in. The composition root; nobody imports it."""
