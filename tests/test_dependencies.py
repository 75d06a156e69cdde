from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from api.guards import check_environment


def _plant(folder: Path, name: str, package: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{package}/__init__.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")


def test_this_environment_has_no_problem() -> None:
    assert check_environment() == []


def test_the_casbin_in_use_is_the_maintained_one() -> None:
    assert packages_distributions()["casbin"] == ["pycasbin"]
    assert version("pycasbin").startswith("2.")


@pytest.mark.parametrize("spelling", ["casbin", "Casbin"])
def test_the_other_casbin_is_found(spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(tmp_path, spelling, "casbin")
    monkeypatch.syspath_prepend(tmp_path)

    assert check_environment() == [
        "the distribution casbin is installed and overwrites pycasbin: uninstall both, install pycasbin"
    ]


@pytest.mark.parametrize("layer", ["api", "schema", "tenants", "policies"])
def test_a_distribution_with_the_name_of_a_layer_is_found(
    layer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(tmp_path, "Some_Thing", layer)
    monkeypatch.syspath_prepend(tmp_path)

    assert check_environment() == [
        f"the distribution some-thing also installs a package named {layer}: uninstall it"
    ]


def test_any_other_distribution_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(tmp_path, "pycasbin-extras", "apiary")
    monkeypatch.syspath_prepend(tmp_path)

    assert check_environment() == []
