"""PostgreSQL without an installation: the wheel's programs under our own, careful hands."""
