"""Tables: their text, their columns, and what is asked where they leave something open."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from common.limited import Refused
from deployments.formats import FIELDS, template_csv
from deployments.formats.fields import OTHER_NAMES, plain
from deployments.formats.found import (
    FoundCount,
    FoundDevice,
    FoundInstallation,
    FoundProblem,
    FoundSubscription,
    FoundTitle,
    Question,
)
from tests.deployments.formats.reading import found

ROW = "PC-1,Acme,DrawIt,5.1\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def only_question(values: Sequence[object]) -> Question:
    (question,) = values
    assert isinstance(question, Question)
    return question


def test_a_table_tells_devices_installations_subscriptions_and_counts() -> None:
    assert found("inventory.csv") == [
        FoundInstallation(
            number=2,
            device="PC-0417",
            person="ana.ruiz@example.com",
            title=FoundTitle(
                name="DrawIt",
                publisher="Acme",
                version="5.1",
                edition="Professional",
                platform="Windows",
                language="English",
                tag="acme-drawit-5",
            ),
            installed_on=date(2026, 1, 15),
            last_used_on=date(2026, 6, 30),
        ),
        FoundDevice(
            number=2,
            name="PC-0417",
            serial_number="SN-88231",
            kind="laptop",
            operating_system="Windows 11 Pro",
            processor_model="Acme A7",
            processors=1,
            cores=8,
            threads=16,
        ),
        # The next row tells the same of the device, and it is told once.
        FoundInstallation(
            number=3,
            device="PC-0417",
            person="ana.ruiz@example.com",
            title=FoundTitle(
                name="Notes", publisher="Other Soft GmbH", version="12.0.3", platform="Windows"
            ),
        ),
        FoundSubscription(
            number=4,
            person="ben.okoro@example.com",
            person_name="Ben Okoro",
            title=FoundTitle(name="DrawIt Online", publisher="Acme"),
            assigned_on=date(2026, 2, 1),
            last_used_on=date(2026, 6, 28),
        ),
        FoundCount(
            number=5,
            title=FoundTitle(name="DrawIt Viewer", publisher="Acme", version="5.1"),
            metric="installs",
            count=120,
        ),
        FoundDevice(
            number=6, name="build-07", kind="virtual", cores=4, host="host-02", cluster="prod"
        ),
        FoundProblem(7, "Line 7: it names no device, no person and no count."),
    ]


def test_the_template_is_read_without_a_question_or_a_problem(table: Path) -> None:
    table.write_text(template_csv())

    values = found(table)

    assert [type(value) for value in values] == [
        FoundInstallation,
        FoundDevice,
        FoundSubscription,
        FoundCount,
    ]


def test_every_other_name_of_a_field_is_written_plainly_and_means_one_field() -> None:
    names = [name for others in OTHER_NAMES.values() for name in others]

    assert OTHER_NAMES.keys() <= FIELDS.keys()
    assert [plain(name) for name in names] == names
    assert len(set(names)) == len(names)
    assert not set(names) & {plain(label) for label in FIELDS.values()}


def test_a_device_with_its_person_alone_is_a_row(table: Path) -> None:
    table.write_text("Device,Person\nPC-1,ana@example.com\n")

    assert found(table) == [FoundDevice(number=2, name="PC-1", person="ana@example.com")]


# --- Text ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_in_every_encoding_and_separator_that_tells_itself(
    encoding: str, separator: str, table: Path
) -> None:
    text = "Device,Title,Publisher\r\nPC-1,Zeichnen für Fünf,Müller\r\n".replace(",", separator)
    table.write_bytes(text.encode(encoding))

    (installation,) = found(table)

    assert isinstance(installation, FoundInstallation)
    assert installation.title == FoundTitle(name="Zeichnen für Fünf", publisher="Müller")


def test_text_that_is_not_utf8_asks_for_its_encoding(table: Path) -> None:
    table.write_bytes("Device,Title\nPC-1,Müller\n".encode("windows-1252"))

    question = only_question(found(table))
    (answered,) = found(table, encoding="windows-1252")

    assert question.needs == ("encoding",)
    assert isinstance(answered, FoundInstallation)
    assert answered.title.name == "Müller"


def test_text_that_becomes_another_encoding_late_asks_too(table: Path) -> None:
    lines = "".join(f"PC-{number},DrawIt\n" for number in range(20_000))
    table.write_bytes(f"Device,Title\n{lines}".encode() + b"PC-X,M\xfcller\n")

    *_, question = found(table)

    assert isinstance(question, Question)
    assert question.needs == ("encoding",)


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-encoding"])
def test_an_encoding_that_does_not_fit_is_asked_again(encoding: str, table: Path) -> None:
    table.write_bytes(b"Device,Title\nPC-1,M\xfcller\n\n")

    question = only_question(found(table, format="csv", encoding=encoding))

    assert question.needs == ("encoding",)
    assert encoding.upper() in question.sentence


def test_a_header_that_two_separators_divide_alike_asks_for_one(table: Path) -> None:
    table.write_text("Device;Tag,Title\nPC-1;x,DrawIt\n")

    question = only_question(found(table))

    assert question.needs == ("separator",)


def test_a_chosen_separator_is_taken(table: Path) -> None:
    table.write_text("Device|Title\nPC-1|DrawIt\n")

    (installation,) = found(table, format="csv", separator="|")

    assert isinstance(installation, FoundInstallation)
    assert installation.title.name == "DrawIt"


@pytest.mark.parametrize("separator", ["::", '"', "\n"])
def test_a_separator_that_separates_nothing_is_asked_again(separator: str, table: Path) -> None:
    table.write_text("Device,Title\nPC-1,DrawIt\n")

    question = only_question(found(table, format="csv", separator=separator))

    assert question.needs == ("separator",)


def test_cells_may_hold_line_ends_and_the_lines_after_them_keep_their_numbers(
    table: Path,
) -> None:
    table.write_text('Device,Title\nPC-1,"Draw\nIt"\nPC-2,\n')

    installation, problem = found(table)

    assert isinstance(installation, FoundInstallation)
    assert (installation.number, installation.title.name) == (2, "Draw It")
    assert isinstance(problem, FoundProblem)
    assert problem.number == 4


def test_a_text_that_was_made_harmless_is_read_back(table: Path) -> None:
    table.write_text("Device,Title\nPC-1,'=DrawIt\n")

    (installation,) = found(table)

    assert isinstance(installation, FoundInstallation)
    assert installation.title.name == "=DrawIt"


# --- Columns ---


def test_columns_of_another_tool_are_proposed_with_samples(table: Path) -> None:
    table.write_text(
        "Computer Name,Vendor,Application,Last opened,Colour\n"
        "PC-1,Acme,DrawIt,2026-06-30,red\nPC-2,Acme,Notes,,blue\nPC-3,,,,\nPC-4,,,,\n"
    )

    question = only_question(found(table))

    assert question.needs == ("columns",)
    assert question.headers == ("Computer Name", "Vendor", "Application", "Last opened", "Colour")
    assert question.columns == {
        "Computer Name": "device",
        "Vendor": "publisher",
        "Application": "name",
        "Last opened": "last_used_on",
    }
    assert len(question.samples) == 3
    assert question.samples[0] == ("PC-1", "Acme", "DrawIt", "2026-06-30", "red")


def test_a_table_is_read_by_the_columns_that_a_person_named(table: Path) -> None:
    table.write_text("A,B,C\nPC-1,DrawIt,red\n")

    (installation,) = found(table, columns={"A": "device", "B": "name", "C": ""})

    assert installation == FoundInstallation(
        number=2, device="PC-1", title=FoundTitle(name="DrawIt")
    )


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        pytest.param({"A": "device"}, "title", id="no title"),
        pytest.param({"A": "name", "B": "name"}, "More than one", id="the same twice"),
        pytest.param({"A": "nothing", "B": "such"}, "title", id="unknown fields"),
    ],
)
def test_columns_that_do_not_do_are_asked_again(
    columns: dict[str, str], word: str, table: Path
) -> None:
    table.write_text("A,B,C\nPC-1,DrawIt,red\n")

    question = only_question(found(table, columns=columns))

    assert question.needs == ("columns",)
    assert word in question.sentence


def test_columns_beside_those_of_the_template_are_remarked_and_not_read(table: Path) -> None:
    table.write_text("Device,Title,Colour\nPC-1,DrawIt,red\n")

    remark, installation = found(table)

    assert remark == FoundProblem(1, "Line 1: the columns “Colour” are not read.", False)
    assert isinstance(installation, FoundInstallation)


def test_a_column_that_is_there_twice_asks_which_one_counts(table: Path) -> None:
    table.write_text("Device,Title,Title\nPC-1,DrawIt,Notes\n")

    question = only_question(found(table))

    assert "More than one column is taken for the same: Title" in question.sentence


# --- Days ---


@pytest.mark.parametrize(
    ("written", "order", "read"),
    [
        ("2026-01-31", "", date(2026, 1, 31)),
        ("2026-01-31 08:15:00", "", date(2026, 1, 31)),
        ("2026-01-31T08:15:00Z", "", date(2026, 1, 31)),
        ("20260131", "", date(2026, 1, 31)),
        ("2026/1/31", "", date(2026, 1, 31)),
        ("31.01.2026", "", date(2026, 1, 31)),
        ("03/04/2026", "dmy", date(2026, 4, 3)),
        ("03/04/2026", "mdy", date(2026, 3, 4)),
        ("3-4-2026 12:00", "dmy", date(2026, 4, 3)),
        ("", "", None),
        ("1970-01-01", "", None),
        ("0000-00-00", "", None),
    ],
)
def test_days_are_read_as_they_are_written(
    written: str, order: str, read: date | None, table: Path
) -> None:
    table.write_text(f"Device,Title,Installed on\nPC-1,DrawIt,{written}\n")

    (installation,) = found(table, day_order=order)

    assert isinstance(installation, FoundInstallation)
    assert installation.installed_on == read


@pytest.mark.parametrize("written", ["03/04/2026", "31/01/2026", "1-2-2026"])
def test_the_order_of_a_day_is_asked_and_never_guessed(written: str, table: Path) -> None:
    table.write_text(f"Device,Title,Installed on\nPC-1,DrawIt,{written}\n")

    question = only_question(found(table))

    assert question.needs == ("day_order",)
    assert written in question.sentence


@pytest.mark.parametrize("written", ["31/01/2026", "2026-02-30", "soon", "20261301", "32.1.2026"])
def test_a_row_with_a_day_that_is_none_is_refused(written: str, table: Path) -> None:
    table.write_text(f"Device,Title,Installed on\nPC-1,DrawIt,{written}\n")

    (problem,) = found(table, day_order="mdy")

    assert isinstance(problem, FoundProblem)
    assert problem.is_refused
    assert problem.message.startswith("Line 2: in Installed on: ")
    assert written in problem.message


def test_the_order_of_days_of_active_users_is_asked_and_then_known(table: Path) -> None:
    table.write_text(
        "Report Refresh Date,User Principal Name,Teams Last Activity Date,Assigned Products\n"
        "2026-11-20,ana@example.com,03/04/2026,PACK A\n"
    )

    question = only_question(found(table))
    (subscription,) = found(table, day_order="mdy")

    assert question.needs == ("day_order",)
    assert isinstance(subscription, FoundSubscription)
    assert subscription.last_used_on == date(2026, 3, 4)


# --- Rows ---


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param(",,,,,", None, id="empty"),
        pytest.param("PC-1,,DrawIt,,,x,y", "it has 7 cells, and the header 6", id="too long"),
        pytest.param(",,,4,,", "it tells of a device, and does not name it", id="no device"),
        pytest.param("PC-1,,,four,,", "its cores “four” is no whole number", id="no number"),
        pytest.param("PC-1,,,-4,,", "its cores “-4” is no whole number", id="negative"),
        pytest.param("PC-1,,,9999999999,,", "is no whole number that can be kept", id="too large"),
        pytest.param(",,DrawIt,,5,", "its count has no metric", id="no metric"),
        pytest.param(",,DrawIt,,5,seats", "“seats” is no metric", id="unknown metric"),
        pytest.param("PC-1,,DrawIt,,5,users", "a count is of no single device", id="both"),
        pytest.param(",ana@example.com,,,,", "it names neither a title nor a device", id="neither"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_its_place_and_the_next_is_read(
    row: str, why: str | None, table: Path
) -> None:
    table.write_text(f"Device,Person,Title,Cores,Count,Metric\n{row}\nPC-2,,Notes,,,\n")

    *problems, installation = found(table)

    assert isinstance(installation, FoundInstallation)
    assert installation.number == 3
    messages = [problem.message for problem in problems if isinstance(problem, FoundProblem)]
    assert len(messages) == (why is not None)
    assert all(message.startswith("Line 2: ") and str(why) in message for message in messages)


def test_a_quote_in_the_wrong_place_is_refused_and_the_next_row_is_read(table: Path) -> None:
    table.write_text('Device,Title\nPC-1,"Draw"It\nPC-2,Notes\n')

    problem, installation = found(table)

    assert isinstance(problem, FoundProblem)
    assert problem.is_refused
    assert problem.message.startswith("Line 2: it cannot be read as CSV")
    assert isinstance(installation, FoundInstallation)
    assert installation.device == "PC-2"


def test_the_same_row_twice_is_told_twice(table: Path) -> None:
    table.write_text(f"Device,Publisher,Title,Version\n{ROW}{ROW}")

    first, second = found(table)

    assert isinstance(first, FoundInstallation)
    assert isinstance(second, FoundInstallation)
    assert (first.device, first.title) == (second.device, second.title)


def test_a_table_of_configuration_manager_without_a_device_asks_for_its_column(
    table: Path,
) -> None:
    table.write_text("ProductName0,ProductVersion0\nDrawIt,5.1\n")

    question = only_question(found(table))

    assert question.needs == ("columns",)
    assert question.columns == {"ProductName0": "name", "ProductVersion0": "version"}


def test_a_table_of_configuration_manager_is_read_by_the_columns_that_a_person_named(
    table: Path,
) -> None:
    table.write_text("Where,ProductName0\nPC-1,DrawIt\n")

    (installation,) = found(table, columns={"Where": "device", "ProductName0": "name"})

    assert isinstance(installation, FoundInstallation)
    assert (installation.device, installation.title.name) == ("PC-1", "DrawIt")


def test_a_chosen_format_refuses_a_table_of_another(table: Path) -> None:
    table.write_text("Device,Title\nPC-1,DrawIt\n")

    with pytest.raises(Refused, match="no column ApplicationName and no column DeviceCount"):
        found(table, format="intune")
