"""Files that mean harm, or are merely broken: refused with a sentence, in little memory."""

import io
import json
import random
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from common.limited import FileRefused, Limits, Refused, events_of
from deployments.formats.found import FoundDevice, FoundInstallation, FoundPart, FoundProblem
from deployments.formats.options import Options
from deployments.formats.process import event_of, found_in
from tests.deployments.formats.reading import LIMITS, SAMPLES, found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def read_apart(path: Path, limits: Limits = LIMITS, **options: Any) -> list[dict[str, Any]]:
    """The events of the program in its own limited process."""
    asked = {"format": "", "name": path.name, "options": options, "limits": asdict(limits)}
    with events_of("deployments.formats.process", str(path), json.dumps(asked)) as events:
        return list(events)


def zip_of(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return packed.getvalue()


# --- What is no inventory ---


@pytest.mark.parametrize(
    ("content", "likeness"),
    [
        pytest.param(b"", "an empty file", id="empty"),
        pytest.param(b" \n\n", "an empty file", id="blank"),
        pytest.param(b"%PDF-1.7\n\x00\x01", "a PDF document", id="PDF"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", id="XLS"),
        pytest.param(b"\x1f\x8b\x08\x00", "a file packed by gzip", id="gzip"),
        pytest.param(b"<html><body>Log in</body></html>", "the root element <html>", id="HTML"),
        pytest.param(b"<", "broken XML", id="XML"),
        pytest.param(b'{"error": {"code": 1}}', "JSON with “error”, “error.code”", id="error"),
        pytest.param(b"[1, 2]", "JSON without any names", id="numbers"),
        pytest.param(b"nothing to see here", "plain text without columns", id="prose"),
        pytest.param(b"\x00\x01\x02\x03\x00", "a binary file", id="binary"),
    ],
)
def test_a_file_of_no_format_is_refused_with_what_it_looks_like(
    content: bytes, likeness: str, file: Path
) -> None:
    file.write_bytes(content)

    with pytest.raises(Refused) as refused:
        found(file)

    assert "It is of no format that is read" in str(refused.value)
    assert likeness in str(refused.value)


def test_a_workbook_is_refused_with_what_to_do(file: Path) -> None:
    file.write_bytes(zip_of({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"}))

    with pytest.raises(Refused, match="Save its sheet as CSV UTF-8"):
        found(file)


@pytest.mark.parametrize(
    ("sample", "format"),
    [
        ("winget.json", "glpi"),
        ("drawit.swidtag", "ocs"),
        ("ocs.xml", "swid"),
        ("inventory.csv", "glpi"),
        ("inventory.csv", "ocs"),
        ("glpi.json", "intune"),
    ],
)
def test_a_chosen_format_refuses_a_file_of_another(sample: str, format: str) -> None:
    with pytest.raises(Refused):
        found(sample, format=format, device="PC-1")


# --- XML ---


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE REQUEST [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<REQUEST><CONTENT><HARDWARE><NAME>&c;</NAME></HARDWARE></CONTENT></REQUEST>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE REQUEST [<!ENTITY outside SYSTEM "file:///etc/hostname">]>'
    "<REQUEST><CONTENT><HARDWARE><NAME>&outside;</NAME></HARDWARE></CONTENT></REQUEST>"
)
FETCHED = (
    '<?xml version="1.0"?><!DOCTYPE REQUEST SYSTEM "http://attacker.test/inventory.dtd">'
    "<REQUEST><CONTENT><HARDWARE><NAME>x</NAME></HARDWARE></CONTENT></REQUEST>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BILLION_LAUGHS, id="entities of entities"),
        pytest.param(OUTSIDE, id="a file of the server"),
        pytest.param(FETCHED, id="a type from elsewhere"),
    ],
)
def test_a_document_type_is_refused(text: str, encoding: str, file: Path) -> None:
    file.write_bytes(text.encode(encoding))

    with pytest.raises(Refused, match="document type"):
        found(file, format="ocs")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("<REQUEST><CONTENT>", "no whole XML", id="cut off"),
        pytest.param("<REQUEST>&unknown;</REQUEST>", "no whole XML", id="unknown entity"),
        pytest.param("<REQUEST>\x00</REQUEST>", "no whole XML", id="NUL"),
        pytest.param("<REQUEST>" + "<A>" * 100, "nests deeper", id="deep"),
        pytest.param(
            f"<REQUEST><CONTENT><BIOS><SSN>{'x' * (2 << 20)}</SSN></BIOS></CONTENT></REQUEST>",
            "far too long",
            id="a huge text",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="no-such"?><REQUEST/>', "XML|encoding", id="encoding"
        ),
        pytest.param("<REQUEST><CONTENT/></REQUEST>", "CONTENT is empty", id="empty"),
    ],
)
def test_xml_that_cannot_be_read_is_refused(text: str, why: str, file: Path) -> None:
    file.write_text(text)

    with pytest.raises(Refused, match=why):
        found(file, format="ocs")


def test_xml_in_another_encoding_that_it_declares_is_read(file: Path) -> None:
    text = (SAMPLES / "ocs.xml").read_text().replace("UTF-8", "ISO-8859-1")
    file.write_bytes(text.replace("DrawIt", "Zeichnen für").encode("latin-1"))

    _, installation = found(file)

    assert isinstance(installation, FoundInstallation)
    assert installation.title.name == "Zeichnen für"


# --- JSON ---


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param('{"content": ' + "[" * 200_000, "nests deeper", id="deep lists"),
        pytest.param('{"content": ' + '{"a":' * 200_000, "nests deeper", id="deep objects"),
        pytest.param('{"content": {"hardware": {"name": "pc', "no whole JSON", id="cut off"),
        pytest.param('{"content": NaN}', "no whole JSON", id="no number"),
        pytest.param('{"content": "\udcff"}', "no whole JSON", id="broken UTF-8"),
        pytest.param("[]", "no “content”", id="a list"),
        pytest.param('{"content": []}', "no “content”", id="a list of content"),
        pytest.param('{"content": {"softwares": []}}', "does not name its device", id="nameless"),
        pytest.param(
            '{"deviceid": "x", "content": {"hardware": {"name": {"a": 1}}}}',
            "its device is no text",
            id="no text",
        ),
    ],
)
def test_json_that_cannot_be_read_is_refused(text: str, why: str, file: Path) -> None:
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(Refused, match=why):
        found(file, format="glpi")


def test_a_number_of_thousands_of_digits_is_no_count(file: Path) -> None:
    file.write_text(f'{{"software": [{{"name": "DrawIt", "hosts_count": {"9" * 10_000}}}]}}')

    _, event = read_apart(file)

    assert event["problem"][1].startswith("Entry of software 1: its hosts count “99999")


def test_brackets_in_strings_are_no_depth(file: Path) -> None:
    name = "[" * 90 + '\\"' + "{" * 90 + "\\\\"
    file.write_text(f'[{{"hostname": "pc-1", "name": "{name}", "version": "1"}}]')

    (installation,) = found(file)

    assert isinstance(installation, FoundInstallation)
    assert installation.title.name == "[" * 90 + '"' + "{" * 90 + "\\"


def test_a_quote_that_is_escaped_over_a_border_ends_no_string(file: Path) -> None:
    start = '[{"hostname": "pc-1", "version": "1", "name": "'
    escape_at_the_end = "x" * ((1 << 16) - len(start) - 1) + "\\"
    file.write_text(f'{start}{escape_at_the_end}"{"[" * 60}"}}]')

    (problem,) = found(file)

    assert isinstance(problem, FoundProblem)
    assert "characters, at most 400 are kept" in problem.message


def test_depth_is_seen_over_the_borders_of_what_is_read_at_once(file: Path) -> None:
    padding = '"\\\\\\"' + "x" * 65_531  # a string over the border, with escapes around it
    file.write_text(f'{{"content": [{padding}", "{"[" * 60}", {"[" * 60}')

    with pytest.raises(Refused, match="nests deeper"):
        found(file, format="glpi")


def test_a_deep_line_of_a_log_is_refused_and_the_next_is_read(file: Path) -> None:
    deep = '{"a":' * 100_000
    row = '{"hostname": "pc-1", "name": "DrawIt", "version": "5.1"}'
    file.write_text(f"{row}\n{deep}\n{row}\n")

    first, problem, third = found(file)

    assert isinstance(first, FoundInstallation)
    assert problem == FoundProblem(2, "Line 2: it is no whole result in JSON.")
    assert isinstance(third, FoundInstallation)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_json_of_windows_shells_is_read(encoding: str, file: Path) -> None:
    text = (SAMPLES / "winget.json").read_text()
    file.write_bytes(text.encode(encoding))

    assert len(found(file, device="PC-1")) == 3


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param('"Draw\\u0000It"', "its name has characters that are no text", id="NUL"),
        pytest.param('"Draw\\u001bIt"', "its name has characters that are no text", id="escape"),
        pytest.param(f'"{"x" * 100_000}"', "its name has 100,000 characters", id="huge"),
        pytest.param('["DrawIt"]', "its name is no text", id="a list"),
        pytest.param('"  "', "it names no software", id="blank"),
        pytest.param("null", "it names no software", id="null"),
    ],
)
def test_a_title_that_cannot_be_kept_is_refused_and_the_next_is_read(
    name: str, why: str, file: Path
) -> None:
    file.write_text(
        f'[{{"hostname": "pc-1", "version": "1", "name": {name}}},'
        ' {"hostname": "pc-1", "name": "Notes", "version": "1"}]'
    )

    problem, installation = found(file)

    assert isinstance(problem, FoundProblem)
    assert problem.is_refused
    assert problem.message.startswith(f"Result 1: {why}")
    assert isinstance(installation, FoundInstallation)
    assert installation.title.name == "Notes"


def test_half_a_character_is_refused(file: Path) -> None:
    file.write_text('{"hostname": "pc-1", "version": "1", "name": "Draw\\ud800It"}\n')

    assert found(file) == [FoundProblem(1, "Line 1: its name has characters that are no text.")]


def test_texts_are_trimmed_and_numbers_are_texts_as_they_are_written(file: Path) -> None:
    file.write_text(
        '[{"hostname": "pc-1\\u0000", "name": " Draw\\n It ", "version": 5.10},'
        ' {"hostname": "pc-1", "name": "Notes", "version": 0}]'
    )

    first, second = found(file)

    assert isinstance(first, FoundInstallation)
    assert (first.device, first.title.name, first.title.version) == ("pc-1", "Draw It", "5.10")
    assert isinstance(second, FoundInstallation)
    assert second.title.version == "0"


def test_descriptions_of_a_device_that_do_not_fit_are_cut_or_left_out(file: Path) -> None:
    file.write_text(
        json.dumps(
            {
                "content": {
                    "bios": {"ssn": ["no", "text"]},
                    "hardware": {"name": "pc-1", "vmsystem": 7},
                    "cpus": [{"name": "x" * 500, "core": "many", "thread": -1}],
                }
            }
        )
    )

    (device,) = found(file)

    assert device == FoundDevice(
        number=1, name="pc-1", kind="virtual", processor_model="x" * 200, processors=1
    )


# --- ZIP ---


def test_files_in_a_zip_are_read_each_by_its_own_format(file: Path) -> None:
    file.write_bytes(
        zip_of(
            {
                name: (SAMPLES / name).read_bytes()
                for name in ("glpi.json", "ocs.xml", "fleet-host.json")
            }
            | {"__MACOSX/._glpi.json": b"\x00\x05", "tags/.DS_Store": b"\x00"}
        )
    )

    values = found(file)

    devices = [value.name for value in values if isinstance(value, FoundDevice)]
    assert devices == ["PC-0417", "build-07", "PC-0502", "PC-0417"]
    assert not any(value.is_refused for value in values if isinstance(value, FoundProblem))


def test_files_in_a_zip_name_devices_where_a_person_says_so(file: Path) -> None:
    tag = (SAMPLES / "drawit.swidtag").read_bytes()
    file.write_bytes(zip_of({"tags/PC-1.swidtag": tag, "tags\\PC-2.swidtag": tag}))

    installations = found(file, device_is_file_name=True)

    assert [each.device for each in installations if isinstance(each, FoundInstallation)] == [
        "PC-1",
        "PC-2",
    ]


def test_a_file_in_a_zip_that_cannot_be_read_is_a_problem_and_the_next_is_read(
    file: Path,
) -> None:
    file.write_bytes(
        zip_of(
            {
                "a.xml": BILLION_LAUGHS,
                "../../etc/b.txt": "just words",
                "c.xml": (SAMPLES / "ocs.xml").read_bytes(),
            }
        )
    )

    first, second, device, _ = found(file)

    assert first == FoundProblem(
        0,
        "a.xml: It declares a document type, which no inventory needs. Export it again.",
    )
    assert isinstance(second, FoundProblem)
    assert second.message.startswith("../../etc/b.txt: It is of no format that is read")
    assert isinstance(device, FoundDevice)


def test_problems_in_a_zip_name_their_file(file: Path) -> None:
    file.write_bytes(zip_of({"fusion.xml": (SAMPLES / "fusioninventory.xml").read_bytes()}))

    *_, remark = found(file)

    assert isinstance(remark, FoundProblem)
    assert remark.message.startswith("fusion.xml: Line 38: ")
    assert not remark.is_refused


def test_a_zip_of_pages_is_no_part_and_says_to_look_for_the_others(file: Path) -> None:
    file.write_bytes(zip_of({"1.json": (SAMPLES / "fleet-titles.json").read_bytes()}))

    *_, remark = found(file)

    assert remark == FoundProblem(
        0, "1.json: More pages follow it: see that they are in the ZIP too.", False
    )


def test_a_part_in_a_zip_names_its_file(file: Path) -> None:
    file.write_bytes(
        zip_of({"pc.json": b'{"partial": true, "content": {"hardware": {"name": "pc-1"}}}'})
    )

    *_, part = found(file)

    assert part == FoundPart("pc.json: It says itself that it tells only some of “pc-1”.")


def test_a_zip_with_nothing_that_is_read_is_refused(file: Path) -> None:
    file.write_bytes(zip_of({"notes.txt": "just words"}))

    with pytest.raises(Refused, match="None of the files in it"):
        found(file)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        pytest.param(replace(LIMITS, unpacked=4 << 20, ratio=10_000), "more than 4 MB", id="size"),
        pytest.param(replace(LIMITS, ratio=100), "100 times its size", id="ratio"),
        pytest.param(replace(LIMITS, parts=1), "2 files, at most 1", id="files"),
    ],
)
def test_a_zip_that_unpacks_to_too_much_is_refused_before_it_is_parsed(
    limits: Limits, why: str, file: Path
) -> None:
    file.write_bytes(zip_of({"a.json": b"[" + b" " * (8 << 20), "b.json": b"[]"}))

    with pytest.raises(Refused, match=why):
        list(found_in(str(file), name="a.zip", format="", options=Options(), limits=limits))


@pytest.mark.parametrize("cut", [100, 20])
def test_a_damaged_zip_is_refused(cut: int, file: Path) -> None:
    file.write_bytes(zip_of({"ocs.xml": (SAMPLES / "ocs.xml").read_bytes()})[:-cut])

    with pytest.raises(Refused, match="damaged"):
        found(file)


@pytest.mark.parametrize(
    "method",
    [
        pytest.param(zipfile.ZIP_DEFLATED, id="deflated"),
        pytest.param(zipfile.ZIP_BZIP2, id="bzip2"),
        pytest.param(zipfile.ZIP_LZMA, id="lzma"),
    ],
)
def test_a_zip_with_a_changed_byte_is_refused(method: int, file: Path) -> None:
    packed = bytearray(zip_of({"ocs.xml": (SAMPLES / "ocs.xml").read_bytes()}, method))
    packed[60] ^= 0xFF
    file.write_bytes(packed)

    with pytest.raises(Refused, match="damaged"):
        found(file)


def test_a_zip_whose_names_are_no_text_is_refused(file: Path) -> None:
    packed = zip_of({"é.json": "{}"})
    file.write_bytes(packed.replace("é".encode(), b"\xff\xfe"))

    with pytest.raises(Refused, match="damaged"):
        found(file)


def test_a_zip_with_a_password_is_refused(file: Path) -> None:
    packed = bytearray(zip_of({"a.json": "{}"}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(packed)

    with pytest.raises(Refused, match="password"):
        found(file)


def test_a_zip_in_a_zip_is_not_opened(file: Path) -> None:
    inner = zip_of({"ocs.xml": (SAMPLES / "ocs.xml").read_bytes()})
    file.write_bytes(zip_of({"inner.zip": inner, "ocs.xml": (SAMPLES / "ocs.xml").read_bytes()}))

    problem, *_ = found(file)

    assert isinstance(problem, FoundProblem)
    assert "a ZIP in a ZIP" in problem.message


# --- Damage of any kind ---


PIECES = (
    b"null",
    b"{}",
    b"[",
    b"]",
    b"}",
    b'"',
    b"\\",
    b"<",
    b"&",
    b"\x00",
    b"\xff",
    b"1e5",
    b"\n",
)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some of it changed, left out or put in between."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(content) + 1)
        left_out = chance.choice((0, 0, 1, 30))
        content = content[:at] + chance.choice((b"", *PIECES)) + content[at + left_out :]
    return content


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.iterdir()))
def test_a_damaged_file_is_read_or_refused_and_never_anything_else(sample: str, file: Path) -> None:
    chance = random.Random(sample)
    content = (SAMPLES / sample).read_bytes()

    for _ in range(60):
        file.write_bytes(damaged(content, chance))
        rows = [event["row"] for event in read_or_refused(file) if "row" in event]
        # What a database keeps is text that UTF-8 can write, without NUL.
        written = json.dumps(rows, ensure_ascii=False).encode()
        assert b"\\u0000" not in written


def read_or_refused(path: Path) -> list[dict[str, Any]]:
    """The events of a file; none where it is refused."""
    try:
        return [event_of(value) for value in found(path, device="PC-1")]
    except Refused:
        return []


# --- Limits ---


def test_more_rows_than_are_allowed_are_refused(file: Path) -> None:
    file.write_text("Device,Title\n" + "PC-1,DrawIt\n" * 11)

    with pytest.raises(FileRefused, match="more than 10 rows"):
        read_apart(file, replace(LIMITS, rows=10))


def test_more_columns_than_are_allowed_are_refused(file: Path) -> None:
    file.write_text(",".join(f"c{number}" for number in range(200)) + "\n")

    with pytest.raises(Refused, match="200 columns, at most 100"):
        found(file, format="csv")


def test_a_huge_cell_is_refused_and_the_next_row_is_read(file: Path) -> None:
    file.write_text(f"Device,Title\nPC-1,{'x' * 200_000}\nPC-2,Notes\n")

    problem, installation = found(file)

    assert isinstance(problem, FoundProblem)
    assert problem.message.startswith("Line 2: ")
    assert isinstance(installation, FoundInstallation)


def test_a_quote_that_never_ends_is_refused_with_its_line(file: Path) -> None:
    file.write_text('Device,Title\nPC-1,"DrawIt\n')

    (problem,) = found(file)

    assert isinstance(problem, FoundProblem)
    assert problem.is_refused
    assert problem.number == 2


def test_a_text_larger_than_the_memory_allowed_is_refused(file: Path) -> None:
    with file.open("w") as text:
        text.write('{"content": {"hardware": {"name": "pc-1"}, "softwares": [')
        for _ in range(60):
            text.write('{"name": "' + "x" * (1 << 20) + '"},')
        text.write("{}]}}")

    with pytest.raises(FileRefused, match="more memory than is allowed"):
        read_apart(file, replace(LIMITS, memory=48 << 20))


def test_reading_that_takes_too_long_is_ended(file: Path) -> None:
    file.write_text("Device,Title\n" + "PC-1,DrawIt\n" * 400_000)

    with pytest.raises(FileRefused, match="longer than is allowed"):
        read_apart(file, replace(LIMITS, seconds=1, rows=1_000_000))


def test_the_program_reads_a_file_in_its_own_process_and_in_little_memory(file: Path) -> None:
    rows = (
        f'{{"hostname": "pc-{number}", "name": "DrawIt", "version": "5.1"}}'
        for number in range(50_000)
    )
    file.write_text("[" + ",\n".join(rows) + "]")

    events = read_apart(file, replace(LIMITS, memory=96 << 20))

    assert events[0] == {"format": "osquery"}
    assert len(events) == 50_001
    assert events[-1]["row"][:3] == [50_000, "installation", "pc-49999"]


def test_the_program_asks_what_it_must_know() -> None:
    events = read_apart(SAMPLES / "winget.json")

    assert [list(event) for event in events] == [["format"], ["asking"]]
    assert events[1]["asking"]["needs"] == ["device"]
    assert events[1]["asking"].keys() == {"needs", "questions", "headers", "samples", "columns"}
