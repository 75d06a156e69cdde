"""What can go wrong with the embedded database, said in Chinese and in English.

ServerError         whoever starts the server prints it and stops
└── StillInUse      another process, or the last of a killed server, holds the data: may pass
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

DISK_FULL = (
    "磁盘已满或超出配额，数据库无法写入；请清理空间后重试。",
    "The disk or quota is full and the database cannot write; free some space and try again.",
)
KNOWN_OUTPUT = {
    "No space left on device": DISK_FULL,
    "Disk quota exceeded": DISK_FULL,
    "Permission denied": (
        "数据库账户没有所需文件或目录的权限。",
        "The database account lacks a right to a file or directory that it needs.",
    ),
}
IN_USE = ("pre-existing shared memory block", 'lock file "')


class ServerError(Exception):
    """The embedded database cannot be used; `output` is what PostgreSQL itself said, if anything."""

    def __init__(self, zh: str, en: str, output: str = "") -> None:
        super().__init__(zh, en, output)
        self.zh, self.en, self.output = zh, en, output.strip()

    def __str__(self) -> str:
        return "\n".join(part for part in (self.zh, self.en, self.output) if part)


class StillInUse(ServerError):
    def __init__(self, output: str) -> None:
        zh = "该数据目录仍有另一个数据库进程在使用。"
        super().__init__(zh, "Another database process is still using this data directory.", output)


def explained(action: str, output: str) -> ServerError:
    """The error for a PostgreSQL program that failed, in plain words when its output is known."""
    for sign, (zh, en) in KNOWN_OUTPUT.items():
        if sign in output:
            return ServerError(zh, en, output)
    if any(sign in output for sign in IN_USE):
        return StillInUse(output)
    return ServerError(f"内置数据库命令失败：{action}。", f"The database command {action} failed.", output)


@contextmanager
def system_errors_explained() -> Iterator[None]:
    """Turns what the operating system refuses (a full disk, a missing right) into a ServerError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ServerError(*DISK_FULL, str(error)) from error
        raise ServerError(
            "操作系统拒绝了内置数据库的操作。", "The system refused the embedded database.", str(error)
        ) from error
