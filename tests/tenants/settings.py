"""The two settings that tell the database which places a transaction reads and writes."""

from tenants import scope

SETTINGS = (
    "SELECT current_setting('app.tenants', true) AS reads, current_setting('app.writer', true) AS writes"
)


async def settings_in_force() -> tuple[str, str]:
    [row] = await scope.fetch(SETTINGS)
    return row["reads"], row["writes"]
