import gzip
import tarfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from policies.jurisdiction import Level
from tenants import register
from tenants.register import UPPER_FILES, Entry, listed, rebuild
from tenants.register.rebuild import Release, Row, SourceRefused

COUNTS = {
    Level.PROVINCE: 31,
    Level.PREFECTURE: 342,
    Level.COUNTY: 2_978,
    Level.TOWNSHIP: 41_352,
    Level.VILLAGE: 620_573,
}

TINY = {
    Level.PROVINCE: "code,name\n99,甲省\n",
    Level.PREFECTURE: "code,name,provinceCode\n9901,乙市,99\n",
    Level.COUNTY: "code,name,cityCode,provinceCode\n990101,丙县,9901,99\n",
    Level.TOWNSHIP: "code,name,areaCode,provinceCode,cityCode\n990101100,丁镇,990101,99,9901\n",
    Level.VILLAGE: "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    "990101100201,己村,990101100,99,9901,990101\n"
    "990101100200,戊村,990101100,99,9901,990101\n",
}
TINY_COUNTS = {level: text.count("\n") - 1 for level, text in TINY.items()}
TINY_DIGESTS = {level: sha256(text.encode()).hexdigest() for level, text in TINY.items()}


@pytest.fixture(scope="module")
def upper() -> list[Entry]:
    return [entry for level in UPPER_FILES for entry in listed(level)]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "dist").mkdir(parents=True)
    for level, text in TINY.items():
        (folder / rebuild.SOURCES[level]).write_text(text, encoding="utf-8")
    return folder


def tarball_of(package: Path) -> Path:
    tarball = package.with_suffix(".tgz")
    with tarfile.open(tarball, "w:gz") as archive:
        archive.add(package, "package")
    return tarball


def tiny_release(tarball: str = "") -> Release:
    return Release(tarball=tarball, tables=TINY_DIGESTS, counts=TINY_COUNTS)


def tiny_tables() -> dict[Level, list[Row]]:
    return {
        Level.PROVINCE: [Row("99", "甲省")],
        Level.PREFECTURE: [Row("9901", "乙市", ("99",))],
        Level.COUNTY: [Row("990101", "丙县", ("9901", "99"))],
        Level.TOWNSHIP: [Row("990101100", "丁镇", ("990101", "99", "9901"))],
        Level.VILLAGE: [Row("990101100201", "己村"), Row("990101100200", "戊村")],
    }


def test_every_committed_file_matches_its_checksum_and_none_is_left_out() -> None:
    files = {
        path.relative_to(register.FOLDER).as_posix(): path.read_bytes()
        for path in register.FOLDER.rglob("*.csv.gz")
    }

    assert len(files) == 4 + 31
    assert (register.FOLDER / rebuild.CHECKSUMS).read_bytes() == rebuild.checksums(files)


def test_the_committed_files_carry_no_time_and_no_file_name() -> None:
    headers = {path.read_bytes()[:10] for path in register.FOLDER.rglob("*.csv.gz")}

    assert headers == {b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"}


def test_the_whole_extract_is_a_tree_of_unique_keys(upper: list[Entry]) -> None:
    keys = {(entry.level, entry.code) for entry in upper}
    counts = Counter(entry.level for entry in upper)

    for village in listed(Level.VILLAGE):
        keys.add((village.level, village.code))
        counts[village.level] += 1
        assert (Level.TOWNSHIP, village.parent) in keys

    assert counts == COUNTS
    assert len(keys) == sum(COUNTS.values())
    assert all(len(code) == 12 and code.isascii() and code.isdigit() for _, code in keys)


def test_a_parent_stands_one_level_above_and_comes_before_its_children(upper: list[Entry]) -> None:
    seen: set[tuple[Level | None, str | None]] = set()

    for entry in upper:
        assert (entry.level.above, entry.parent) in seen or entry.level is Level.PROVINCE
        seen.add((entry.level, entry.code))

    assert all((entry.parent is None) == (entry.level is Level.PROVINCE) for entry in upper)


def test_only_four_codes_stand_at_more_than_one_level(upper: list[Entry]) -> None:
    times = Counter(entry.code for entry in upper)

    assert {code: n for code, n in times.items() if n > 1} == {
        "350527000000": 2,
        "441900000000": 2,
        "442000000000": 2,
        "460400000000": 2,
    }


def test_a_city_without_counties_is_its_own_only_county(upper: list[Entry]) -> None:
    city, county = (entry for entry in upper if entry.code == "441900000000")

    assert city == Entry("441900000000", "东莞市", Level.PREFECTURE, "440000000000")
    assert county == Entry("441900000000", "东莞市", Level.COUNTY, "441900000000")


def test_a_city_whose_only_county_has_its_own_code_is_no_exception(upper: list[Entry]) -> None:
    assert [entry for entry in upper if entry.name == "嘉峪关市"] == [
        Entry("620200000000", "嘉峪关市", Level.PREFECTURE, "620000000000"),
        Entry("620201000000", "嘉峪关市", Level.COUNTY, "620200000000"),
    ]


@pytest.mark.parametrize(
    ("county", "name", "townships", "villages"),
    [
        ("621121", "通渭县", 18, 342),
        ("440811", "麻章区", 7, 140),
        ("440825", "徐闻县", 15, 205),
        ("410173", "郑州航空港经济综合实验区", 15, 236),
        ("513221", "汶川县", 9, 84),
    ],
)
def test_a_county_has_its_published_townships_and_villages(
    upper: list[Entry], county: str, name: str, townships: int, villages: int
) -> None:
    code = county + "000000"
    below = [entry for entry in upper if entry.level is Level.TOWNSHIP and entry.parent == code]
    furthest = list(listed(Level.VILLAGE, within=code))

    assert [entry.name for entry in upper if (entry.level, entry.code) == (Level.COUNTY, code)] == [name]
    assert len(below) == townships
    assert len(furthest) == villages
    assert {village.parent for village in furthest} == {entry.code for entry in below}


@pytest.mark.parametrize(
    ("province", "counties"),
    [("甘肃省", 88), ("广东省", 124), ("四川省", 183), ("河南省", 181)],
)
def test_a_province_has_its_published_counties(upper: list[Entry], province: str, counties: int) -> None:
    code = next(entry.code for entry in listed(Level.PROVINCE) if entry.name == province)

    assert sum(e.level is Level.COUNTY and e.code.startswith(code[:2]) for e in upper) == counties
    assert len(list(listed(Level.COUNTY, within=code))) == counties


def test_a_province_gives_its_villages_in_code_order() -> None:
    codes = [village.code for village in listed(Level.VILLAGE, within="620000000000")]

    assert len(codes) == 17_718
    assert codes == sorted(codes)


# 地方, 代码, 共有的前几位
SUBTREES = [
    ("一省", "620000000000", 2),
    ("一市", "440800000000", 4),
    ("以市代县", "441900000000", 4),
    ("一县", "621121000000", 6),
    ("排在最后的县", "659012000000", 6),
    ("一镇", "440811100000", 9),
    ("一村", "440811100201", 12),
]


@pytest.mark.parametrize(("within", "digits"), [s[1:] for s in SUBTREES], ids=[s[0] for s in SUBTREES])
def test_what_lies_within_a_code_is_what_begins_like_it(within: str, digits: int) -> None:
    for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE):
        expected = [e for e in listed(level) if e.code.startswith(within[:digits])]

        assert list(listed(level, within)) == (expected if level.digits >= digits else [])


@pytest.mark.parametrize("code", ["999999000000", "620000000000", "621121101000"])
def test_only_a_county_is_found_as_a_county(code: str) -> None:
    assert register.county(code) is None
    assert register.county("621121000000") == Entry("621121000000", "通渭县", Level.COUNTY, "621100000000")


def test_a_pinned_folder_is_rebuilt(package: Path, tmp_path: Path) -> None:
    rebuild.rebuild(package, tmp_path / "out", tiny_release())

    villages = gzip.decompress((tmp_path / "out/villages/99.csv.gz").read_bytes()).decode()
    assert villages == "code,name\n990101100200,戊村\n990101100201,己村\n"
    assert len((tmp_path / "out" / rebuild.CHECKSUMS).read_text().splitlines()) == 5


def test_a_pinned_tarball_gives_the_same_files_as_its_folder(package: Path, tmp_path: Path) -> None:
    tarball = tarball_of(package)
    release = tiny_release(sha256(tarball.read_bytes()).hexdigest())

    rebuild.rebuild(tarball, tmp_path / "packed", release)
    rebuild.rebuild(package, tmp_path / "unpacked", release)

    packed, unpacked = ((tmp_path / side / rebuild.CHECKSUMS) for side in ("packed", "unpacked"))
    assert packed.read_bytes() == unpacked.read_bytes()


def test_a_folder_that_is_not_the_pinned_package_is_refused_and_nothing_is_written(
    package: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceRefused, match=r"^dist/provinces.csv: sha256 \w{64}, expected b17e76da"):
        rebuild.rebuild(package, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_tarball_that_is_not_the_pinned_package_is_refused_and_nothing_is_written(
    package: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceRefused, match=r"^package.tgz: sha256 \w{64}, expected 210ad17e\w+cc85$"):
        rebuild.rebuild(tarball_of(package), tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_table_with_a_missing_row_is_refused(package: Path, tmp_path: Path) -> None:
    release = Release("", TINY_DIGESTS, TINY_COUNTS | {Level.VILLAGE: 3})

    with pytest.raises(SourceRefused, match=r"^village: 2 rows, expected 3$"):
        rebuild.rebuild(package, tmp_path / "out", release)

    assert not (tmp_path / "out").exists()


def test_sound_tables_have_no_broken_rows() -> None:
    assert list(rebuild.broken_rows(tiny_tables())) == []


@pytest.mark.parametrize(
    ("_case", "level", "row", "problem"),
    [
        ("重复", Level.COUNTY, Row("990101", "丙县"), "county 990101: 2 times"),
        ("无上级", Level.VILLAGE, Row("990102100200", "庚村"), "its township is missing"),
        ("上级不符", Level.TOWNSHIP, Row("990101101", "辛镇", ("990102",)), "stands under 990102"),
        ("位数不足", Level.COUNTY, Row("99010", "壬县"), "not 6 digits"),
        ("非数字", Level.COUNTY, Row("99010甲", "癸县"), "not 6 digits"),
        ("无名称", Level.COUNTY, Row("990102", ""), "name ''"),
        ("名称含逗号", Level.COUNTY, Row("990102", "子,丑县"), "name '子,丑县'"),
    ],
)
def test_a_broken_row_is_named(_case: str, level: Level, row: Row, problem: str) -> None:
    tables = tiny_tables()
    tables[level].append(row)

    [found] = rebuild.broken_rows(tables)

    assert found.endswith(problem)
    assert found.startswith(f"{level} {row.stem}: ")


def test_the_same_tables_in_any_order_give_the_same_bytes() -> None:
    tables = tiny_tables()
    reversed_tables = {level: rows[::-1] for level, rows in tables.items()}

    assert rebuild.extract(tables) == rebuild.extract(reversed_tables)


def test_every_file_is_covered_by_its_checksum() -> None:
    files = rebuild.extract(tiny_tables())
    lines = files.pop(rebuild.CHECKSUMS).decode().splitlines()

    covered = {name: digest for digest, name in (line.split() for line in lines)}

    assert covered == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert set(covered) == {*register.UPPER_FILES.values(), "villages/99.csv.gz"}
