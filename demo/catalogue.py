"""
What the demo's companies buy: vendors, products and versions by their real names.

Prices, quantities and part numbers are made up.
"""

from typing import NamedTuple


class Sold(NamedTuple):
    """A product as it is sold, in each of its versions, oldest first."""

    vendor: str
    product: str
    versions: tuple[str, ...]
    group: str  # the metric group
    metric: str
    price: int  # for a right, in euros
    is_subscription: bool = False
    edition: str = ""


def _sold(
    vendor: str, group: str, *products: tuple[str, tuple[str, ...], str, int]
) -> tuple[Sold, ...]:
    return tuple(
        Sold(vendor, product, versions, group, metric, price)
        for product, versions, metric, price in products
    )


def _subscriptions(
    vendor: str, group: str, metric: str, *products: tuple[str, int]
) -> tuple[Sold, ...]:
    return tuple(
        Sold(vendor, product, ("",), group, metric, price, is_subscription=True)
        for product, price in products
    )


DEVICE, USER, CORE, PROCESSOR = "Per Device", "Per User", "Per Core", "Per Processor"
YEARS = ("2019", "2021", "2024")

CATALOGUE: tuple[Sold, ...] = (
    *_sold(
        "Microsoft",
        "Microsoft",
        ("Office Standard", YEARS, DEVICE, 390),
        ("Visio Professional", YEARS, DEVICE, 520),
        ("Project Professional", YEARS, DEVICE, 880),
        ("Windows Server Standard", ("2019", "2022", "2025"), "Per Core (with CAL)", 60),
        ("SQL Server Standard", ("2019", "2022"), "Per Core (Virtual OSE)", 1790),
        ("SQL Server Enterprise", ("2019", "2022"), "Per Core (Physical Core)", 6870),
        ("Exchange Server Standard", ("2019",), "Server (Per Instance)", 710),
    ),
    *_subscriptions(
        "Microsoft", "Microsoft", "User Subscription", ("Power BI Pro", 110), ("Visio Plan 2", 160)
    ),
    *_subscriptions(
        "Adobe",
        "Adobe",
        "User Subscription",
        ("Creative Cloud All Apps", 840),
        ("Photoshop", 420),
        ("Acrobat Pro", 260),
    ),
    *_sold("Adobe", "Adobe", ("Acrobat Professional", ("2017", "2020"), DEVICE, 560)),
    *_sold(
        "Autodesk",
        "Common",
        ("AutoCAD", ("2022", "2023", "2024"), USER, 1980),
        ("Inventor Professional", ("2023", "2024"), USER, 2590),
        ("Revit", ("2023", "2024"), USER, 2930),
    ),
    *_sold(
        "IBM",
        "IBM",
        ("Db2 Standard Edition", ("11.5",), "Processor Value Unit (PVU) Sub-capacity", 42),
        ("MQ", ("9.3",), "Processor Value Unit (PVU) Full Capacity", 58),
        ("SPSS Statistics", ("28", "29"), "Per Named User", 1320),
        ("WebSphere Application Server", ("9",), "Processor Value Unit (PVU) Sub-capacity", 71),
    ),
    *_sold(
        "Oracle",
        "Oracle",
        ("WebLogic Server", ("12.2", "14.1"), PROCESSOR, 9300),
        ("Business Intelligence", ("12c",), "Named User Plus", 460),
    ),
    *_sold(
        "VMware",
        "VMware",
        ("vSphere Enterprise Plus", ("7", "8"), PROCESSOR, 4300),
        ("vCenter Server", ("7", "8"), "Per Application Instance", 6100),
        ("Workstation Pro", ("16", "17"), DEVICE, 199),
    ),
    *_sold(
        "Citrix",
        "Citrix",
        ("Virtual Apps and Desktops", ("7",), "Concurrent User", 380),
        ("ADC VPX", ("13", "14"), DEVICE, 2400),
    ),
    *_sold("SAP", "Common", ("Crystal Reports", ("2020",), "Per Named User", 470)),
    *_sold(
        "Siemens",
        "Common",
        ("NX Mach", ("2306", "2312"), "Per Named User", 7400),
        ("TIA Portal STEP 7", ("V18", "V19"), DEVICE, 2150),
        ("Solid Edge", ("2023", "2024"), USER, 3100),
    ),
    *_sold(
        "Dassault Systèmes",
        "Common",
        ("SolidWorks Professional", ("2022", "2023", "2024"), USER, 4200),
        ("CATIA V5", ("R31", "R33"), "Per Named User", 11200),
    ),
    *_sold("PTC", "Common", ("Creo Parametric", ("9", "10"), USER, 2800)),
    *_sold("Ansys", "Common", ("Mechanical Pro", ("2023", "2024"), USER, 15400)),
    *_sold("MathWorks", "Common", ("MATLAB", ("R2023b", "R2024b"), "Per Named User", 940)),
    *_subscriptions(
        "JetBrains", "Common", USER, ("IntelliJ IDEA Ultimate", 499), ("All Products Pack", 649)
    ),
    *_subscriptions(
        "Atlassian", "Common", USER, ("Jira Software Cloud", 92), ("Confluence Cloud", 66)
    ),
    *_subscriptions("GitLab", "Common", USER, ("GitLab Premium", 330)),
    *_subscriptions("Slack Technologies", "Common", USER, ("Slack Business+", 150)),
    *_subscriptions("Zoom", "Common", USER, ("Zoom Workplace Business", 200)),
    *_subscriptions("Salesforce", "Common", USER, ("Sales Cloud Enterprise", 1980)),
    *_subscriptions("ServiceNow", "Common", USER, ("IT Service Management Pro", 1440)),
    *_subscriptions("DocuSign", "Common", USER, ("eSignature Business Pro", 480)),
    *_subscriptions("Miro", "Common", USER, ("Miro Business", 192)),
    *_sold("TechSmith", "Common", ("Snagit", ("2023", "2024"), USER, 59)),
    *_sold("TeamViewer", "Common", ("TeamViewer Corporate", ("15",), USER, 1250)),
    *_sold("Veeam", "Common", ("Backup & Replication", ("12",), DEVICE, 1100)),
    *_sold("Veritas", "Common", ("NetBackup", ("10",), DEVICE, 2300)),
    *_sold("Red Hat", "Common", ("Enterprise Linux Server", ("8", "9"), DEVICE, 780)),
    *_sold("SUSE", "Common", ("Linux Enterprise Server", ("15",), DEVICE, 690)),
    *_sold("Quest", "Common", ("Toad for Oracle", ("16", "17"), USER, 1050)),
    *_sold("Progress", "Common", ("WhatsUp Gold", ("2023",), DEVICE, 2600)),
    *_sold("Tableau", "Common", ("Tableau Creator", ("2023", "2024"), USER, 900)),
    *_sold("Minitab", "Common", ("Minitab Statistical Software", ("21", "22"), USER, 1610)),
    *_sold("Altair", "Common", ("HyperWorks", ("2023",), "Per Named User", 9800)),
    *_sold("National Instruments", "Common", ("LabVIEW", ("2023", "2024"), USER, 2970)),
    *_sold("Corel", "Common", ("CorelDRAW Graphics Suite", ("2023", "2024"), DEVICE, 399)),
    *_sold("ABBYY", "Common", ("FineReader PDF", ("15", "16"), DEVICE, 219)),
    *_sold("WinZip Computing", "Common", ("WinZip Enterprise", ("28",), DEVICE, 34)),
)

# Kept out of the catalogue: their licenses are those of the seeds' examples alone (demo.examples).
EXAMPLES: tuple[Sold, ...] = (
    Sold("Microsoft", "M365 E5", ("",), "Microsoft", "User Subscription", 620, True),
    # What the rights of M365 E5 are used for; they are not bought by themselves.
    Sold("Microsoft", "365 Apps", ("",), "Microsoft", "User Subscription", 140, True),
    Sold("Microsoft", "Office", ("",), "Microsoft", "User Subscription", 90, True),
    Sold("Microsoft", "Office Professional Plus", ("2013", "2016"), "Microsoft", DEVICE, 480),
    Sold("Oracle", "DB Server", ("19c",), "Oracle", PROCESSOR, 43000, edition="Enterprise"),
    Sold("Autodesk", "AutoCAD LT", ("2024",), "Common", USER, 480),
    Sold("Microsoft", "Visio Standard", ("2021",), "Microsoft", DEVICE, 290),
    Sold("Microsoft", "Project Standard", ("2021",), "Microsoft", DEVICE, 640),
    Sold("VMware", "Fusion Pro", ("13",), "VMware", DEVICE, 180),
)

# What suites among them hold, by product; of one publisher.
SUITES = {"M365 E5": ("365 Apps", "Office")}

RESELLERS = ("SoftwareOne", "Bechtle", "Insight", "Crayon", "Computacenter")
