"""Each format, on a file of its real shape."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from deployments.formats import FIELDS, FORMATS
from deployments.formats.cells import LONGEST, LONGEST_DESCRIPTION
from deployments.formats.found import (
    Found,
    FoundCount,
    FoundDevice,
    FoundInstallation,
    FoundPart,
    FoundProblem,
    FoundSubscription,
    FoundTitle,
    Question,
)
from deployments.formats.process import COLUMNS, READERS, event_of
from deployments.models import Device, DeviceKind, DiscoveredSoftware, FoundRow
from tests.deployments.formats.reading import SAMPLES, format_of, found

DRAWIT_CODE = "{6F1C5A00-0000-4000-8000-00000000D517}"
PACK_A = "11111111-1111-4111-8111-111111111111"
PACK_B = "33333333-3333-4333-8333-333333333333"


@pytest.mark.parametrize(
    ("sample", "format"),
    [
        ("glpi.json", "glpi"),
        ("fusioninventory.xml", "ocs"),
        ("ocs.xml", "ocs"),
        ("osquery-programs.json", "osquery"),
        ("osquery-results.log", "osquery"),
        ("fleet-titles.json", "fleet"),
        ("fleet-versions.json", "fleet"),
        ("fleet-host.json", "fleet"),
        ("graph-subscribed-skus.json", "graph"),
        ("graph-users.json", "graph"),
        ("graph-skus-and-users.json", "graph"),
        ("graph-detected-apps.json", "graph"),
        ("intune-detected-apps.csv", "intune"),
        ("microsoft365-active-users.csv", "microsoft365"),
        ("configmgr.csv", "configmgr"),
        ("winget.json", "winget"),
        ("drawit.swidtag", "swid"),
        ("inventory.csv", "csv"),
    ],
)
def test_a_file_tells_its_format_whatever_its_name(
    sample: str, format: str, tmp_path: Path
) -> None:
    renamed = tmp_path / "upload.bin"
    renamed.write_bytes((SAMPLES / sample).read_bytes())

    assert format_of(renamed) == format


def test_every_format_has_a_reader_and_every_sample_is_read() -> None:
    formats = {format_of(sample) for sample in SAMPLES.iterdir()}

    assert FORMATS.keys() == READERS.keys() == formats


def test_texts_are_kept_as_long_as_their_columns() -> None:
    staged = {
        field: FoundRow._meta.get_field(field).max_length for field in LONGEST.keys() & COLUMNS
    }
    kept = {
        field: DiscoveredSoftware._meta.get_field(field).max_length
        for field in (each.name for each in fields(FoundTitle))
    }
    device = {
        field: Device._meta.get_field(field).max_length
        for field in LONGEST_DESCRIPTION.keys() - {"host"}
    }

    assert staged == {field: LONGEST[field] for field in staged}
    assert kept == {field: LONGEST[field] for field in kept}
    assert device == {field: LONGEST_DESCRIPTION[field] for field in device}
    assert LONGEST_DESCRIPTION["host"] == Device._meta.get_field("name").max_length


def test_a_row_has_the_columns_that_are_staged() -> None:
    staged = [field.name for field in FoundRow._meta.fields]

    assert list(COLUMNS) == staged[2:]


# --- Agents ---


def test_an_inventory_of_glpi_tells_a_device_its_software_and_its_guests() -> None:
    assert found("glpi.json") == [
        FoundDevice(
            number=1,
            name="PC-0417",
            serial_number="SN-88231",
            kind="laptop",
            operating_system="Microsoft Windows 11 Pro",
            processor_model="Acme A7 @ 3.20GHz",
            processors=1,
            cores=8,
            threads=16,
            person="ana.ruiz",
            is_whole=True,
        ),
        FoundInstallation(
            number=1,
            device="PC-0417",
            title=FoundTitle(
                name="DrawIt",
                publisher="Acme",
                version="5.1",
                platform="Windows",
                tag=DRAWIT_CODE,
            ),
            installed_on=date(2026, 1, 15),
        ),
        FoundInstallation(
            number=2,
            device="PC-0417",
            title=FoundTitle(
                name="Notes", publisher="Other Soft GmbH", version="12.0.3", platform="Windows"
            ),
            person="ben.okoro",
        ),
        FoundProblem(3, "Entry of softwares 3: it names no software: it is passed over.", False),
        FoundDevice(number=1, name="build-07", kind="virtual", cores=4, host="PC-0417"),
    ]


@pytest.mark.parametrize(
    ("partial", "is_whole"), [("true", False), ("1", False), ("false", True), ('"false"', True)]
)
def test_an_inventory_that_calls_itself_partial_is_not_whole(
    partial: str, is_whole: bool, tmp_path: Path
) -> None:
    file = tmp_path / "pc.json"
    file.write_text(
        f'{{"deviceid": "pc-1-2026-01-01-00-00-00", "partial": {partial},'
        ' "content": {"hardware": {"name": "pc-1"}, "softwares": [{"name": "DrawIt"}]}}'
    )

    (device,) = [each for each in found(file) if isinstance(each, FoundDevice)]

    assert device.is_whole is is_whole


def test_an_inventory_without_software_is_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "pc.json"
    file.write_text('{"deviceid": "pc-1", "content": {"hardware": {"name": "pc-1"}}}')

    assert found(file) == [FoundDevice(number=1, name="pc-1")]


def test_a_device_without_a_name_is_named_by_its_id(tmp_path: Path) -> None:
    file = tmp_path / "pc.json"
    file.write_text(
        '{"deviceid": "pc-9-2018-07-09-09-07-13", "content": {"softwares": [{"name": "DrawIt"}]}}'
    )

    assert isinstance(device := found(file)[0], FoundDevice)
    assert device.name == "pc-9"


def test_an_inventory_of_a_printer_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "printer.json"
    file.write_text(
        '{"deviceid": "printer-3", "itemtype": "Printer", "content": {"versionclient": "1"}}'
    )

    assert found(file) == [
        FoundProblem(1, "“printer-3” is no computer: nothing of it is read.", False)
    ]


def test_an_inventory_of_fusioninventory_adds_up_processors_and_reads_days_day_first() -> None:
    device, server, curl, remark = found("fusioninventory.xml")

    assert device == FoundDevice(
        number=1,
        name="srv-db-01",
        serial_number="SRV-5501",
        kind="server",
        operating_system="Debian GNU/Linux 12 6.1.0-28-amd64",
        processor_model="Acme Server Z2",
        processors=2,
        cores=24,
        threads=48,
        is_whole=True,
    )
    assert isinstance(server, FoundInstallation)
    assert server.title.publisher == "TableDB Inc. & Sons"
    assert server.installed_on == date(2026, 3, 9)
    assert isinstance(curl, FoundInstallation)
    assert curl.installed_on is None
    assert remark == FoundProblem(
        38,
        "Line 38: its day of installation is left out: “yesterday” is no day that can be read"
        " without guessing.",
        False,
    )


def test_an_inventory_of_ocs_may_tell_its_software_before_its_device() -> None:
    device, drawit = found("ocs.xml")

    assert device == FoundDevice(
        number=1,
        name="PC-0502",
        serial_number="SN-90412",
        operating_system="Microsoft Windows 11 Pro 10.0.22631",
        processor_model="Acme A7 @ 3.20GHz",
        processors=1,
        cores=4,
        threads=8,
        person="carla.diaz",
        is_whole=True,
    )
    assert isinstance(drawit, FoundInstallation)
    assert (drawit.device, drawit.installed_on) == ("PC-0502", date(2026, 2, 28))
    assert (drawit.title.language, drawit.title.tag) == ("English", DRAWIT_CODE)


@pytest.mark.parametrize(
    ("account", "person"),
    [
        ("EXAMPLE\\\\ana.ruiz", "ana.ruiz"),
        ("ana.ruiz@example.com", "ana.ruiz@example.com"),
        ("root", ""),
        ("NT AUTHORITY\\\\SYSTEM", ""),
        ("EXAMPLE\\\\PC-0417$", ""),
    ],
)
def test_accounts_of_systems_are_no_people(account: str, person: str, tmp_path: Path) -> None:
    file = tmp_path / "pc.json"
    file.write_text(
        f'{{"content": {{"hardware": {{"name": "pc-1", "lastloggeduser": "{account}"}}}}}}'
    )

    (device,) = found(file)

    assert isinstance(device, FoundDevice)
    assert device.person == person


@pytest.mark.parametrize(
    ("cores", "threads", "expected"),
    [
        pytest.param(4, 8, 8, id="threads of the whole processor"),
        pytest.param(8, 2, 16, id="threads of each core"),
        pytest.param(4, 4, 4, id="as many as cores"),
    ],
)
def test_threads_are_counted_over_the_whole_processor(
    cores: int, threads: int, expected: int, tmp_path: Path
) -> None:
    file = tmp_path / "pc.json"
    file.write_text(
        '{"deviceid": "pc-1", "content": {"hardware": {"name": "pc-1"},'
        f' "cpus": [{{"core": {cores}, "thread": {threads}}}]}}}}'
    )

    assert isinstance(device := found(file)[0], FoundDevice)
    assert (device.cores, device.threads) == (cores, expected)


def test_a_section_of_glpi_that_is_null_tells_nothing_of_what_is_installed(tmp_path: Path) -> None:
    file = tmp_path / "pc.json"
    file.write_text('{"content": {"hardware": {"name": "pc-1"}, "softwares": null}}')

    (device,) = found(file)

    assert isinstance(device, FoundDevice)
    assert not device.is_whole


def test_a_partial_inventory_of_glpi_says_so(tmp_path: Path) -> None:
    file = tmp_path / "pc.json"
    file.write_text('{"partial": true, "content": {"hardware": {"name": "pc-1"}, "softwares": []}}')

    device, part = found(file)

    assert isinstance(device, FoundDevice)
    assert not device.is_whole
    assert part == FoundPart("It says itself that it tells only some of “pc-1”.")


def test_inventories_of_glpi_one_after_the_other_are_all_read(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(
        "\n".join(f'{{"content": {{"hardware": {{"name": "pc-{n}"}}}}}}' for n in (1, 2))
    )

    names = [value.name for value in found(file) if isinstance(value, FoundDevice)]

    assert names == ["pc-1", "pc-2"]


@pytest.mark.parametrize("item_type", ["Phone", "Tablet"])
def test_what_glpi_calls_a_phone_is_mobile(tmp_path: Path, item_type: str) -> None:
    file = tmp_path / "phone.json"
    file.write_text(f'{{"itemtype": "{item_type}", "content": {{"hardware": {{"name": "p"}}}}}}')

    (device,) = found(file)

    assert isinstance(device, FoundDevice)
    assert device.kind == "mobile"


def test_cores_that_add_up_to_no_number_of_a_device_are_left_out(tmp_path: Path) -> None:
    cpu = '{"core": 2147483647, "thread": 2147483647}'
    file = tmp_path / "pc.json"
    file.write_text(f'{{"content": {{"hardware": {{"name": "pc-1"}}, "cpus": [{cpu}, {cpu}]}}}}')

    (device,) = found(file)

    assert isinstance(device, FoundDevice)
    assert (device.processors, device.cores, device.threads) == (2, None, None)


# --- osquery and Fleet ---


def test_snapshots_of_osquery_are_no_part_and_batches_are(tmp_path: Path) -> None:
    row = '{"name": "DrawIt", "version": "5.1", "publisher": "Acme"}'
    snapshot, batch = tmp_path / "snapshot.json", tmp_path / "batch.json"
    snapshot.write_text(f'{{"action": "snapshot", "hostname": "pc-1", "snapshot": [{row}]}}')
    batch.write_text(f'{{"hostname": "pc-1", "diffResults": {{"added": [{row}], "removed": ""}}}}')

    assert not any(isinstance(value, FoundPart) for value in found(snapshot))
    assert any(isinstance(value, FoundPart) for value in found(batch))


def test_plain_rows_of_programs_name_their_host() -> None:
    drawit, notes, remark = found("osquery-programs.json")

    assert drawit == FoundInstallation(
        number=1,
        device="PC-0417",
        title=FoundTitle(
            name="DrawIt",
            publisher="Acme",
            version="5.1",
            platform="Windows",
            language="1033",
            tag=DRAWIT_CODE,
        ),
        installed_on=date(2026, 1, 15),
    )
    assert isinstance(notes, FoundInstallation)
    assert (notes.device, notes.installed_on) == ("PC-0418", None)
    assert isinstance(remark, FoundProblem)
    assert "1/15/2026" in remark.message
    assert not remark.is_refused


def test_logs_of_osquery_tell_what_is_installed_at_their_end() -> None:
    values = found("osquery-results.log")
    installed = [value for value in values if isinstance(value, FoundInstallation)]

    # Without the package that is left with its settings alone, and the one removed later.
    assert [(each.device, each.title.name, each.title.version) for each in installed] == [
        ("srv-web-03", "webserver", "2.4.1-2"),
        ("mac-0021.example.com", "DrawIt", "5.1"),
        ("mac-0021.example.com", "Notes Pro", "12.0.3"),
    ]
    assert [each.last_used_on for each in installed] == [None, date(2026, 11, 18), None]
    assert installed[0].title.publisher == "Debian Web Team"
    assert installed[1].title.tag == "test.acme.drawit"


def test_logs_of_osquery_tell_of_their_hosts_and_what_was_not_read() -> None:
    *_, device, broken, removals, part, others = found("osquery-results.log")

    assert device == FoundDevice(
        number=6,
        name="mac-0021.example.com",
        serial_number="MAC-7781",
        processor_model="Acme M2",
        cores=10,
        threads=10,
    )
    assert broken == FoundProblem(8, "Line 8: it is no whole result in JSON.")
    assert removals == FoundProblem(0, "Rows that tell of a removal, which end nothing: 1.", False)
    assert isinstance(part, FoundPart)
    assert part.message.startswith("It logs changes")
    assert others == FoundProblem(0, "Rows of other queries, which are passed over: 1.", False)


def test_what_was_removed_and_added_again_is_installed(tmp_path: Path) -> None:
    row = '"hostIdentifier": "pc-1", "columns": {"name": "DrawIt", "version": "5.1"}'
    file = tmp_path / "results.log"
    file.write_text(
        "\n".join(f'{{"action": "{action}", {row}}}' for action in ("added", "removed", "added"))
    )

    installed = [value for value in found(file) if isinstance(value, FoundInstallation)]

    assert [each.number for each in installed] == [3]


def test_rows_without_a_host_ask_for_the_device(tmp_path: Path) -> None:
    file = tmp_path / "pc-7.json"
    file.write_text('[{"name": "DrawIt", "version": "5.1"}]')

    (question,) = found(file)
    (named,) = found(file, device="PC-7")
    (by_file,) = found(file, device_is_file_name=True)

    assert isinstance(question, Question)
    assert question.needs == ("device",)
    assert isinstance(named, FoundInstallation)
    assert named.device == "PC-7"
    assert isinstance(by_file, FoundInstallation)
    assert by_file.device == "pc-7"


def test_titles_of_fleet_are_counted_and_one_page_says_so() -> None:
    assert found("fleet-titles.json") == [
        FoundCount(
            number=1,
            title=FoundTitle(name="DrawIt.app", platform="macOS", tag="test.acme.drawit"),
            metric="installs",
            count=48,
        ),
        FoundCount(
            number=2,
            title=FoundTitle(name="Notes", platform="Windows"),
            metric="installs",
            count=345,
        ),
        FoundPart("It is one page of several. Export the others too, and import all in one ZIP."),
    ]


def test_versions_of_fleet_without_a_count_are_refused() -> None:
    counted, problem = found("fleet-versions.json")

    assert counted == FoundCount(
        number=1,
        title=FoundTitle(
            name="tabledb-server", publisher="TableDB Inc.", version="18.2", platform="Linux"
        ),
        metric="installs",
        count=3,
    )
    assert problem == FoundProblem(
        2, "Entry of software 2: it does not say on how many hosts it is."
    )


def test_one_title_of_fleet_is_counted_by_version(tmp_path: Path) -> None:
    file = tmp_path / "title.json"
    file.write_text(
        '{"software_title": {"id": 12, "name": "DrawIt", "source": "programs", "hosts_count": 48,'
        ' "versions": [{"id": 1, "version": "5.0", "hosts_count": 40},'
        ' {"id": 2, "version": "5.1", "hosts_count": 8}]}}'
    )

    counts = found(file)

    assert [
        (each.title.version, each.count) for each in counts if isinstance(each, FoundCount)
    ] == [
        ("5.0", 40),
        ("5.1", 8),
    ]


def test_a_host_of_fleet_is_whole_and_names_its_person() -> None:
    device, drawit, notes = found("fleet-host.json")

    assert isinstance(device, FoundDevice)
    assert (device.name, device.person, device.is_whole) == (
        "PC-0417",
        "ana.ruiz@example.com",
        True,
    )
    assert isinstance(drawit, FoundInstallation)
    assert drawit.last_used_on == date(2026, 11, 18)
    assert isinstance(notes, FoundInstallation)
    assert notes.title.publisher == "Other Soft GmbH"


# --- Microsoft ---


def test_consumed_units_of_subscribed_skus_are_users() -> None:
    counted, remark = found("graph-subscribed-skus.json")

    assert counted == FoundCount(
        number=1,
        title=FoundTitle(name="PACK_A", publisher="Microsoft", tag=PACK_A),
        metric="users",
        count=52,
    )
    assert remark == FoundProblem(
        2, "Entry 2: “TENANT_THING” is not assigned to people: it is passed over.", False
    )


def test_licenses_of_users_are_subscriptions_named_by_id_for_want_of_a_name() -> None:
    ana, carla, remark = found("graph-users.json")

    assert ana == FoundSubscription(
        number=1,
        person="ana.ruiz@example.com",
        person_name="Ana Ruiz",
        title=FoundTitle(name=PACK_A, publisher="Microsoft", tag=PACK_A),
    )
    assert isinstance(carla, FoundSubscription)
    assert carla.title == FoundTitle(name="PACK_B", publisher="Microsoft", tag=PACK_B)
    assert isinstance(remark, FoundProblem)
    assert "subscribedSkus" in remark.message


def test_skus_in_the_same_file_name_the_licenses_of_users() -> None:
    counted, ana = found("graph-skus-and-users.json")

    assert isinstance(counted, FoundCount)
    assert isinstance(ana, FoundSubscription)
    assert ana.title == counted.title


def test_detected_apps_are_counted_alike_from_graph_and_from_the_table() -> None:
    from_graph, *_ = found("graph-detected-apps.json")
    *from_table, problem = found("intune-detected-apps.csv")

    assert isinstance(from_graph, FoundCount)
    assert (from_graph.title.name, from_graph.count) == ("DrawIt", 12)
    assert from_table == [
        FoundCount(
            number=2,
            title=FoundTitle(
                name="DrawIt", publisher="Acme", version="5.1", platform="Windows", tag="8f0c4aa0"
            ),
            metric="installs",
            count=12,
        ),
        FoundCount(
            number=3,
            title=FoundTitle(
                name="Notes, the pro edition",
                publisher="Other Soft GmbH",
                version="12.0.3",
                platform="Windows",
                tag="91d2be17",
            ),
            metric="installs",
            count=345,
        ),
    ]
    assert problem == FoundProblem(
        4, "Line 4: its DeviceCount “twelve” is no whole number that can be kept."
    )


def test_active_users_have_the_days_of_their_product_where_they_have_one() -> None:
    ana, *ben = found("microsoft365-active-users.csv")

    assert ana == FoundSubscription(
        number=2,
        person="ana.ruiz@example.com",
        person_name="Ana Ruiz",
        title=FoundTitle(name="PACK A", publisher="Microsoft"),
        assigned_on=date(2025, 3, 1),
        last_used_on=date(2026, 11, 19),
    )
    assert [
        (each.person, each.title.name, each.assigned_on, each.last_used_on)
        for each in ben
        if isinstance(each, FoundSubscription)
    ] == [
        ("ben.okoro@example.com", "PACK A", None, None),
        ("ben.okoro@example.com", "DRAWIT ONLINE", None, None),
    ]


def test_concealed_users_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(
        "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Assigned Products\n"
        "2026-11-20,0F5C3B7E9A,91A0,False,PACK A+PACK B\n"
        "2026-11-20,77D1C02B44,02BB,False,PACK A\n"
    )

    remark, *counts = found(file)

    assert isinstance(remark, FoundProblem)
    assert not remark.is_refused
    assert [(each.title.name, each.count) for each in counts if isinstance(each, FoundCount)] == [
        ("PACK A", 2),
        ("PACK B", 1),
    ]


def test_views_of_configuration_manager_are_read_by_their_numbered_columns() -> None:
    drawit, notes = found("configmgr.csv")

    assert drawit == FoundInstallation(
        number=2,
        device="PC-0417",
        title=FoundTitle(
            name="DrawIt", publisher="Acme", version="5.1", platform="Windows", tag=DRAWIT_CODE
        ),
        installed_on=date(2026, 1, 15),
    )
    assert isinstance(notes, FoundInstallation)
    assert (notes.title.tag, notes.installed_on) == ("", None)


def test_an_export_of_winget_asks_for_the_device_and_splits_identifiers() -> None:
    (question,) = found("winget.json")
    packages = found("winget.json", device="PC-0417")

    assert isinstance(question, Question)
    assert question.needs == ("device",)
    assert [
        (each.device, each.title.publisher, each.title.name, each.title.tag)
        for each in packages
        if isinstance(each, FoundInstallation)
    ] == [
        ("PC-0417", "Acme", "DrawIt.Pro", "Acme.DrawIt.Pro"),
        ("PC-0417", "OtherSoft", "Notes", "OtherSoft.Notes"),
        ("PC-0417", "", "9NBLGGH4NNS1", "9NBLGGH4NNS1"),
    ]


def test_a_swid_tag_names_who_made_the_software() -> None:
    assert found("drawit.swidtag", device="PC-0417") == [
        FoundInstallation(
            number=8,
            device="PC-0417",
            title=FoundTitle(
                name="DrawIt",
                publisher="Acme",
                version="5.1",
                edition="Professional",
                language="en-US",
                tag="acme-drawit-5",
            ),
        )
    ]


@pytest.mark.parametrize("attribute", ["patch", "corpus", "supplemental"])
def test_a_swid_tag_of_no_install_is_passed_over(attribute: str, tmp_path: Path) -> None:
    file = tmp_path / "fix.swidtag"
    file.write_text(f'<SoftwareIdentity name="Fix" tagId="fix-1" {attribute}="true"/>')

    (remark,) = found(file, device="PC-0417")

    assert isinstance(remark, FoundProblem)
    assert not remark.is_refused


# --- The events of the program ---


def test_a_device_says_in_its_row_only_what_the_file_tells() -> None:
    device = FoundDevice(number=4, name="PC-1", person="ana@example.com", cores=8)

    row = event_of(device)["row"]

    assert row[:4] == [4, "device", "PC-1", "ana@example.com"]
    assert row[4:11] == [""] * 7
    assert row[11:] == [None, None, None, {"cores": 8, "is_whole": False}]


def test_a_count_says_in_its_row_what_is_counted() -> None:
    count = FoundCount(number=2, title=FoundTitle(name="DrawIt"), metric="users", count=5)

    row = event_of(count)["row"]

    assert dict(zip(COLUMNS, row, strict=True))["count"] == 5
    assert row[-1] == {"metric": "users"}


def test_a_subscription_says_in_its_row_since_when_it_is_assigned() -> None:
    subscription = FoundSubscription(
        number=2,
        person="ana@example.com",
        person_name="Ana",
        title=FoundTitle(name="DrawIt"),
        assigned_on=date(2026, 1, 31),
    )

    row = dict(zip(COLUMNS, event_of(subscription)["row"], strict=True))

    assert row["installed_on"] == "2026-01-31"
    assert row["more"] == {"person_name": "Ana"}


def test_kinds_of_devices_are_those_of_the_records() -> None:
    values: list[Found] = [value for sample in SAMPLES.iterdir() for value in found(sample)]
    kinds = {value.kind for value in values if isinstance(value, FoundDevice)}

    assert kinds - {""} <= set(DeviceKind.values)
    assert {"laptop", "server", "virtual"} <= kinds


def test_every_field_of_a_table_has_a_label_of_its_own() -> None:
    assert len(set(FIELDS.values())) == len(FIELDS)
