"""Files of households with errors planted in them, and the list of these beside each.

Each error is planted in a household of its own. What is listed follows from what a clerk would see in the
file, never from what the import answers.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import xlsxwriter

HEADERS = [
    "户编号",
    "所在村",
    "户状态",
    "成员姓名",
    "与户主关系",
    "出生日期",
    "身份证号",
    "人均年收入（元）",
    "住址",
    "识别日期",
    "脱贫日期",
]
NUMBER, VILLAGE, STATE, NAME, RELATION, BORN, ID, INCOME, ADDRESS, REGISTERED, EXITED = range(11)
# 张庄镇 of the demonstration county; the last village's name is borne by another one, too.
VILLAGES = ["410173108201", "张庄镇/吕坡村委会", "小马村委会", "410173108202"]
AMBIGUOUS = "宋庄村委会"
ENCODINGS = ["utf-8", "utf-8-sig", "gbk", "gb18030"]
Error = tuple[int, str, str]


def id_number(born: date, serial: int) -> str:
    """A number as GB 11643 makes it, of nobody: serial numbers from 900 on are not given out."""
    digits = f"410173{born:%Y%m%d}{serial:03d}"
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return digits + "10X98765432"[rest]


@dataclass
class Planted:
    """`rows`: below the header, which stands at `header`. `errors`: row, header and code of each, by row."""

    chance: random.Random
    is_workbook: bool
    header: int = 1
    rows: list[list[Any]] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    households: list[list[int]] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def fill(self, households: int) -> None:
        for number in range(households):
            members = self.chance.randint(1, 4)
            self.households.append(list(range(len(self.rows), len(self.rows) + members)))
            for nth in range(members):
                self.rows.append(self._member(number, nth))

    def _member(self, number: int, nth: int) -> list[Any]:
        born = date(1950, 1, 1) + timedelta(days=self.chance.randrange(20_000))
        row: list[Any] = [
            f"演示导入-{number:05d}",
            None,
            None,
            f"演示成员{number}之{nth}",
            "户主" if nth == 0 else "子女",
        ]
        row += [born.isoformat(), id_number(born, 900 + nth), None, None, None, None]
        # Two may be born on one day: the household's number tells their ids apart.
        row[ID] = id_number(born, (number * 7 + nth) % 1000)
        if nth == 0:
            row[VILLAGE] = self.chance.choice(VILLAGES)
            row[STATE] = self.chance.choice(["在册", "已脱贫"])
            row[INCOME] = self.chance.randint(1000, 9000)
            row[ADDRESS], row[REGISTERED] = "演示住址", "2014-05-01"
        return row

    def line(self, row: int) -> int:
        return self.header + 1 + row

    def plant(self, row: int, column: int, code: str) -> None:
        self.errors.append((self.line(row), HEADERS[column], code))


Planter = Callable[[Planted, list[int]], None]


def _cell(column: int, value: Any, code: str, *, of_head: bool = True) -> Planter:
    def plant(file: Planted, household: list[int]) -> None:
        row = household[0] if of_head else household[-1]
        file.rows[row][column] = value
        file.plant(row, column, code)

    return plant


def _formula(file: Planted, household: list[int]) -> None:
    file.rows[household[0]][INCOME] = "=1000+2000"
    # In CSV it is a text that is no number; in a workbook, a formula.
    file.plant(household[0], INCOME, "FORMULA" if file.is_workbook else "NOT_A_NUMBER")


def _merge(file: Planted, household: list[int]) -> None:
    if file.is_workbook and len(household) > 1:
        file.merged.append((household[0], household[-1], NAME))
        file.plant(household[0], NAME, "MERGED")


def _mangled(file: Planted, household: list[int]) -> None:
    """As spreadsheets do to a number of 18 digits."""
    file.rows[household[0]][ID] = 410173196001011000.0 if file.is_workbook else "4.10173E+17"
    file.plant(household[0], ID, "MANGLED")


def _wrong_check_digit(file: Planted, household: list[int]) -> None:
    right = file.rows[household[0]][ID]
    file.rows[household[0]][ID] = right[:17] + ("1" if right[17] != "1" else "2")
    file.plant(household[0], ID, "BAD_ID_NUMBER")


def _same_person_twice(file: Planted, household: list[int]) -> None:
    if len(household) > 1:
        file.rows[household[1]][ID] = file.rows[household[0]][ID]
        file.plant(household[1], ID, "REPEATED")


def _second_head(file: Planted, household: list[int]) -> None:
    if len(household) > 1:
        file.rows[household[1]][RELATION] = "户主"
        file.plant(household[1], RELATION, "SECOND_HEAD")


def _no_head(file: Planted, household: list[int]) -> None:
    if len(household) > 1:
        file.rows[household[0]][RELATION] = "父母"
        file.plant(household[0], RELATION, "NO_HEAD")


def _another_village(file: Planted, household: list[int]) -> None:
    if len(household) > 1:
        own = file.rows[household[0]][VILLAGE]
        other = "410173108214" if own != "410173108214" else "410173108201"
        file.rows[household[1]][VILLAGE] = other
        file.plant(household[1], VILLAGE, "CONTRADICTS")


def _exit_before_entry(file: Planted, household: list[int]) -> None:
    file.rows[household[0]][EXITED] = "2013-01-01"
    file.plant(household[0], EXITED, "ENDS_BEFORE_IT_BEGINS")


def _known_number(file: Planted, household: list[int]) -> None:
    """A household that the demonstration has in the register."""
    if not any("ALREADY_THERE" in error for error in file.errors):
        for row in household:
            file.rows[row][NUMBER] = "演示-0001"
        file.plant(household[0], NUMBER, "ALREADY_THERE")


PLANTERS: list[Planter] = [
    _cell(NUMBER, None, "BLANK", of_head=False),
    _cell(NUMBER, "长" * 33, "TOO_LONG", of_head=False),
    _cell(NAME, None, "BLANK", of_head=False),
    _cell(NAME, "名\x7f字", "NOT_KEPT", of_head=False),
    _cell(VILLAGE, None, "BLANK"),
    _cell(VILLAGE, "不存在村委会", "UNKNOWN_DIVISION"),
    _cell(VILLAGE, "410173108000", "UNKNOWN_DIVISION"),
    _cell(VILLAGE, AMBIGUOUS, "AMBIGUOUS_DIVISION"),
    _cell(STATE, None, "BLANK"),
    _cell(STATE, "贫困", "NOT_A_CHOICE"),
    _cell(RELATION, "家属", "NOT_A_CHOICE", of_head=False),
    _cell(BORN, "1962-02-30", "NOT_A_DAY", of_head=False),
    _cell(BORN, "不详", "NOT_A_DAY", of_head=False),
    _cell(BORN, "2018-06-16", "IN_THE_FUTURE", of_head=False),
    _cell(INCOME, "三千", "NOT_A_NUMBER"),
    _cell(INCOME, -1, "OUT_OF_RANGE"),
    _cell(ADDRESS, "址" * 201, "TOO_LONG"),
    _formula,
    _merge,
    _mangled,
    _wrong_check_digit,
    _same_person_twice,
    _second_head,
    _no_head,
    _another_village,
    _exit_before_entry,
    _known_number,
]


def planted(seed: int, households: int = 40) -> Planted:
    """The file of this seed: one error for every kind that its chance picks."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    file = Planted(chance, is_workbook=seed % 2 == 0, header=chance.choice([1, 1, 2, 4]))
    file.fill(households)
    # Neighbours of a household that lost its number are left as they are.
    places = chance.sample(range(0, households, 2), k=min(chance.randint(1, 12), households // 2))
    for place, planter in zip(places, chance.sample(PLANTERS, k=len(places)), strict=True):
        planter(file, file.households[place])
    if chance.random() < 0.3:
        file.extra = ["备注栏"]
        file.errors.append((file.header, "备注栏", "UNKNOWN_COLUMN"))
    if households and not file.errors:
        # A merged cell in a file that has none, or a second member of one who lives alone.
        _wrong_check_digit(file, file.households[0])
    file.errors.sort()
    return file


def content(file: Planted) -> tuple[str, str, bytes]:
    """Name, media type and bytes."""
    if file.is_workbook:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return "演示.xlsx", kind, workbook(file)
    encoding = file.chance.choice(ENCODINGS)
    return "演示.csv", "text/csv", text(file).encode(encoding)


def _lines(file: Planted) -> Iterator[list[Any]]:
    for number in range(1, file.header):
        yield ["演示县贫困户登记表"] if number == 1 else []
    yield [*HEADERS, *file.extra]
    yield from file.rows


def text(file: Planted) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows(_lines(file))
    return lines.getvalue()


def workbook(file: Planted) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    sheet = book.add_worksheet("贫困户")
    for number, cells in enumerate(_lines(file)):
        for place, cell in enumerate(cells):
            sheet.write(number, place, cell)
    for first, last, column in file.merged:
        value = file.rows[first][column]
        sheet.merge_range(file.line(first) - 1, column, file.line(last) - 1, column, value)
    book.close()
    return kept.getvalue()
