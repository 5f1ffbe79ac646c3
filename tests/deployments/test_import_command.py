"""``import_inventory``: files and folders from the command line."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Company
from deployments.models import Device, Installation
from tests.factories import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "Device,Title,Version\n{device},DrawIt,5.1\n"


@pytest.fixture(autouse=True)
def company() -> Company:
    UserFactory(username="ada")
    return CompanyFactory(code="NW")


def run(*files: Path, **options: Any) -> tuple[str, str, int]:
    """What the command says, what it says of what went wrong, and with which code it ends."""
    out, err, code = StringIO(), StringIO(), 0
    given = {"company": "NW", "source": "agent", "by": "ada", **options}
    try:
        call_command("import_inventory", *map(str, files), **given, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    return out.getvalue(), err.getvalue(), code


def write(folder: Path, name: str, device: str) -> Path:
    path = folder / name
    path.write_text(FILE.format(device=device))
    return path


def test_files_of_folders_are_imported_each(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    write(tmp_path, "a.csv", "PC-1")
    write(tmp_path / "more", "b.csv", "PC-2")

    out, err, code = run(tmp_path, day=date(2026, 11, 2))

    assert (err, code) == ("", 0)
    assert out.count("1 devices, 1 installations new") == 2
    assert set(Device.objects.values_list("name", flat=True)) == {"PC-1", "PC-2"}
    assert Installation.objects.first().seen_on == date(2026, 11, 2)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_imported(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    write(tmp_path, "b.csv", "PC-1")

    out, err, code = run(tmp_path)

    assert code == 1
    assert "1 of 2 files not imported." in err
    assert "a.png" in err
    assert "b.csv" in out
    assert Device.objects.count() == 1


def test_a_full_file_ends_what_it_omits(tmp_path: Path) -> None:
    run(write(tmp_path, "a.csv", "PC-1"), day=date(2026, 11, 2))

    out, _, _ = run(write(tmp_path, "b.csv", "PC-2"), full=True, day=date(2026, 11, 3))

    assert "1 gone" in out
    assert Installation.objects.get(device__name="PC-1").gone_on == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param({"company": "XX"}, "There is no company XX. There are: NW.", id="company"),
        pytest.param({"by": "nobody"}, "There is no user nobody.", id="user"),
        pytest.param({"day": date(2999, 1, 1)}, "2999-01-01 is yet to come.", id="a day to come"),
        pytest.param({"day": date(226, 1, 1)}, "no inventory is that old", id="a slip of the year"),
        pytest.param({"source": " "}, "A source has 1 to 40 characters.", id="no source"),
        pytest.param({"source": "x" * 41}, "A source has 1 to 40", id="a long source"),
        pytest.param({"full": True}, "A full inventory is one file", id="several full files"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_imported(
    tmp_path: Path, options: dict[str, Any], sentence: str
) -> None:
    write(tmp_path, "a.csv", "PC-1")
    write(tmp_path, "b.csv", "PC-2")

    _, err, code = run(tmp_path, **options)

    assert code == 2
    assert sentence in err
    assert not Device.objects.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    _, err, code = run(tmp_path / "none.csv")

    assert code == 2
    assert "There is no file" in err
