"""What a column of a table can mean, and the table that people fill in by hand."""

# By field, the header of the template, which is also what a person chooses from.
FIELDS: dict[str, str] = {
    "device": "Device",
    "person": "Person",
    "person_name": "Name of person",
    "publisher": "Publisher",
    "name": "Title",
    "version": "Version",
    "edition": "Edition",
    "platform": "Platform",
    "language": "Language",
    "tag": "Tag",
    "installed_on": "Installed on",
    "assigned_on": "Assigned on",
    "last_used_on": "Last used on",
    "metric": "Metric",
    "count": "Count",
    "serial_number": "Serial number",
    "kind": "Kind of device",
    "operating_system": "Operating system",
    "processor_model": "Processor",
    "processors": "Processors",
    "cores": "Cores",
    "threads": "Threads",
    "host": "Host",
    "cluster": "Cluster",
    "cloud": "Cloud",
}

# Of a device itself, not of what is on it.
HARDWARE = (
    "serial_number",
    "kind",
    "operating_system",
    "processor_model",
    "processors",
    "cores",
    "threads",
    "host",
    "cluster",
    "cloud",
)

# What other tools call them. Their files are read so only when a person agrees. Written as
# ``plain`` makes them.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "device": ("devicename", "computer", "computername", "hostname", "machine", "machinename"),
    "person": ("email", "emailaddress", "user", "username", "userprincipalname", "upn", "login"),
    "person_name": ("displayname", "fullname", "userdisplayname"),
    "publisher": ("vendor", "manufacturer", "applicationpublisher", "softwarepublisher"),
    "name": ("software", "softwarename", "application", "applicationname", "product", "program"),
    "version": ("applicationversion", "softwareversion", "productversion"),
    "platform": ("os", "osplatform"),
    "tag": ("productcode", "applicationkey", "tagid", "guid", "packageidentifier", "sku"),
    "installed_on": ("installdate", "installationdate", "dateinstalled"),
    "assigned_on": ("assigneddate", "licenseassigndate"),
    "last_used_on": ("lastused", "lastuseddate", "lastactivitydate", "lastopened"),
    "count": ("quantity", "installs", "devicecount", "hostscount", "numberofdevices"),
    "serial_number": ("serial", "serialno", "hardwareserial"),
    "kind": ("devicetype", "chassis", "chassistype", "formfactor"),
    "operating_system": ("osname", "osversion"),
    "processor_model": ("cpu", "cpumodel", "processormodel", "cpubrand"),
    "processors": ("cpus", "sockets", "cpusockets"),
    "cores": ("physicalcores", "corecount"),
    "threads": ("logicalcores", "logicalprocessors"),
    "host": ("hypervisor", "virtualizationhost"),
}


def plain(header: str) -> str:
    """A header without case, blanks and punctuation, so that spellings of one name are equal."""
    return "".join(letter for letter in header.casefold() if letter.isalnum())


KNOWN = {plain(label): field for field, label in FIELDS.items()} | {
    plain(field): field for field in FIELDS
}
SEEMING = {name: field for field, names in OTHER_NAMES.items() for name in names}


def template_csv() -> str:
    """The table to fill in: its header, and one row of each kind as an example."""
    rows = (
        ",".join(FIELDS.values()),
        "PC-0417,ana.ruiz@example.com,Ana Ruiz,Acme,DrawIt,5.1,Professional,Windows,English,"
        "acme-drawit-5,2026-01-15,,2026-06-30,,,SN-88231,laptop,Windows 11 Pro,Acme A7,1,8,16,,,",
        ",ben.okoro@example.com,Ben Okoro,Acme,DrawIt Online,,,,,,,2026-02-01,2026-06-28,,,,,,,,"
        ",,,,",
        ",,,Acme,DrawIt Viewer,5.1,,,,,,,,installs,120,,,,,,,,,,",
        "",
    )
    return "\r\n".join(rows)
