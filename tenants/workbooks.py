"""Workbooks: tables that people send are read, those they fetch are written, each by a process of its own.

The reader is bounded in memory and time (tenants/workbook_reader.py) and killed where it goes beyond;
whatever becomes of it, the answer is a table or the reason why there is none.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What is read as a table.
READABLE = (XLSX, "application/vnd.ms-excel", "text/csv")
MOST_ROWS = 60_000
LONGEST_READING_SECONDS = 90.0
CHUNK = 1 << 16
_READER = Path(__file__).with_name("workbook_reader.py")
_WRITER = Path(__file__).with_name("workbook_writer.py")


class Unreadable(Exception):
    """The file as a whole is no table that can be read. `code`: why, a code of the import's findings."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """`number`: its line in the file, counted from 1."""

    number: int
    cells: tuple[Any, ...]

    def cell(self, column: int) -> Any:
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one sheet that say something. `formulas`: row and column of cells that hold one. `merged`:
    row and column of the first cell of a block of merged cells, and of the last."""

    rows: tuple[Row, ...]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()


async def read(media_type: str, chunks: AsyncIterable[bytes], title: str) -> Table:
    """The sheet with this title, or the first. Raises Unreadable."""
    content = b"".join([chunk async for chunk in chunks])
    process = await _started(_READER, media_type, title, str(MOST_ROWS))
    try:
        async with asyncio.timeout(LONGEST_READING_SECONDS):
            said, _ = await process.communicate(content)
    except TimeoutError:
        raise Unreadable("TOO_LARGE") from None
    finally:
        await _ended(process)
    if process.returncode != 0:
        # Killed by the system for the memory or the time that it took.
        raise Unreadable("TOO_LARGE")
    return await asyncio.to_thread(_table, said)


def _table(said: bytes) -> Table:
    first, *lines = said.splitlines()
    about = orjson.loads(first)
    if "problem" in about:
        raise Unreadable(about["problem"])
    rows = (orjson.loads(line) for line in lines)
    return Table(
        rows=tuple(Row(number, tuple(cells)) for number, cells in rows),
        formulas=frozenset((row, column) for row, column in about["formulas"]),
        merged=tuple((top, left, bottom, right) for top, left, bottom, right in about["merged"]),
    )


async def written(lines: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    """The bytes of an XLSX file. `lines`: what tenants/workbook_writer.py is told, sheet by sheet."""
    process = await _started(_WRITER)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        # It answers when it has heard everything, so nothing waits for its output meanwhile.
        async for line in lines:
            process.stdin.write(orjson.dumps(line) + b"\n")
            await process.stdin.drain()
        process.stdin.close()
        while chunk := await process.stdout.read(CHUNK):
            yield chunk
        assert await process.wait() == 0, "the writer broke off"
    finally:
        await _ended(process)


async def _started(program: Path, *arguments: str) -> Process:
    # Isolated: neither the working directory nor the environment adds anything to what it imports.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(program), *arguments, stdin=PIPE, stdout=PIPE, env={}
    )


async def _ended(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
