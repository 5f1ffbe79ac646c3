"""Which format a file is of, told by what stands in it, never by its name."""

from deployments.formats import json_text, table_formats, xml_text
from deployments.formats.cells import shortened
from deployments.formats.sources import Source, encoding_of

# By format, paths of keys of which its files show at least one, in small letters. In this order:
# rows of osquery have few names of their own.
JSON_KEYS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "glpi",
        frozenset(
            f"content.{section}"
            for section in ("hardware", "softwares", "bios", "versionclient", "operatingsystem")
        )
        | {"content.accesslog", "content.cpus", "content.antivirus", "content.batteries"},
    ),
    ("winget", frozenset({"wingetversion", "sources.item.packages", "sources.item.sourcedetails"})),
    (
        "fleet",
        frozenset({"software_titles", "software_title", "host.software", "counts_updated_at"})
        | {"software.item.hosts_count", "hosts.item.hostname", "host.hostname"},
    ),
    (
        "graph",
        frozenset(
            f"{path}{name}"
            for path in ("", "item.", "value.item.")
            for name in ("skupartnumber", "userprincipalname", "assignedlicenses", "devicecount")
        )
        | {"subscribedskus", "detectedapps", "@odata.context"},
    ),
    (
        "osquery",
        frozenset(
            f"{path}{name}"
            for path in ("", "item.")
            for name in ("columns", "snapshot", "diffresults", "version", "bundle_identifier")
        ),
    ),
)
# How files begin that are never text.
_SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document, or one with a password"),
    (b"PK\x03\x04", "a ZIP in a ZIP; unpack it first"),
    (b"\x1f\x8b", "a file packed by gzip; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it first"),
    (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"MZ\x90\x00", "a program"),
)

XML_ROOTS = {"REQUEST": "ocs", "SoftwareIdentity": "swid"}


def sniff(source: Source) -> str:
    """The key of a file's format; empty where it is of none."""
    match _kind_of_text(source):
        case "json":
            shown = {path.lower() for path in json_text.keys_at_the_beginning(source)}
            return next((key for key, paths in JSON_KEYS if paths & shown), "")
        case "xml":
            return XML_ROOTS.get(xml_text.root_of(source), "")
        case "text":
            return table_formats.tell(source)
    return ""


def _kind_of_text(source: Source) -> str:
    """json, xml or text; empty where it is none of them."""
    beginning = source.beginning()
    encoding = encoding_of(beginning)
    if any(beginning.startswith(signature) for signature, _ in _SIGNATURES):
        return ""
    text = beginning.decode(encoding or "latin-1", "replace").lstrip("\ufeff \t\r\n")
    if not text or ("\x00" in text and not encoding):
        return ""
    if text[0] in "{[":
        return "json"
    return "xml" if text.startswith("<") else "text"


def likeness(source: Source) -> str:
    """What a file looks like that is of no known format, as the end of a sentence."""
    beginning = source.beginning()
    if not beginning.strip():
        return "an empty file"
    for signature, name in _SIGNATURES:
        if beginning.startswith(signature):
            return name
    match _kind_of_text(source):
        case "json":
            keys = sorted(json_text.keys_at_the_beginning(source))[:5]
            named = ", ".join(f"“{shortened(key)}”" for key in keys)
            return f"JSON with {named}" if keys else "JSON without any names"
        case "xml":
            root = xml_text.root_of(source)
            return f"XML with the root element <{shortened(root)}>" if root else "broken XML"
        case "text":
            return "plain text without columns"
    return "a binary file"
