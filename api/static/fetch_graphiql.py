"""Fetches the files of GraphiQL that strawberry's page names: python api/static/fetch_graphiql.py

Needs npm. Every file must have the hash that strawberry's page gives it.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from strawberry.http.ides import get_graphql_ide_html

from api.graphiql import FILES, OUTSIDE_FILE


def main() -> None:
    named = {found["file"]: found["sha384"] for found in OUTSIDE_FILE.finditer(get_graphql_ide_html())}
    shutil.rmtree(FILES, ignore_errors=True)
    packages = sorted({_package(file) for file in named})
    with TemporaryDirectory() as scratch:
        unpacked = {package: _unpacked(package, Path(scratch)) for package in packages}
        for file, sha384 in named.items():
            _keep(file, unpacked[_package(file)], sha384)
        _write("LICENSES", "\n\n".join(_licence(package, unpacked) for package in packages))
    _write("VERSIONS", "\n".join(packages))
    _write("CHECKSUMS", "\n".join(f"{_sha256(FILES / file)}  {file}" for file in sorted(named)))


def _package(file: str) -> str:
    """`@scope/name@1.0/dist/x.js` -> `@scope/name@1.0`"""
    name, _, rest = file[1:].partition("@")
    return f"{file[0]}{name}@{rest.split('/')[0]}"


def _unpacked(package: str, scratch: Path) -> Path:
    folder = scratch / package.replace("/", "_")
    folder.mkdir()
    npm = [shutil.which("npm") or "npm", "pack", "--silent", package]
    printed = subprocess.check_output(npm, cwd=folder, text=True)  # noqa: S603 - names from our own page
    tarball = printed.split()[-1]
    with tarfile.open(folder / tarball) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _keep(file: str, source: Path, sha384: str) -> None:
    content = (source / file.removeprefix(_package(file) + "/")).read_bytes()
    if base64.b64encode(hashlib.sha384(content).digest()).decode() != sha384:
        raise SystemExit(f"{file} does not have the hash that strawberry's page gives it")
    (FILES / file).parent.mkdir(parents=True, exist_ok=True)
    (FILES / file).write_bytes(content)


def _licence(package: str, unpacked: dict[str, Path]) -> str:
    """The package's licence. The one without a text is a part of the GraphiQL repository and has its."""
    text = unpacked[package] / "LICENSE"
    if not text.exists():
        text = next(path for name, path in unpacked.items() if name.startswith("graphiql@")) / "LICENSE"
    kind = json.loads((unpacked[package] / "package.json").read_text())["license"]
    return f"{package} ({kind})\n\n{text.read_text().strip()}"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(name: str, text: str) -> None:
    (FILES / name).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
