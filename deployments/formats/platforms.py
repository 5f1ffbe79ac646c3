"""The platform that software runs on, as the name of a system or a source of packages tells it."""

_BY_WORD = (
    ("windows", "Windows"),
    ("macos", "macOS"),
    ("mac os", "macOS"),
    ("os x", "macOS"),
    ("darwin", "macOS"),
    ("android", "Android"),
    ("ipados", "iPadOS"),
    ("ios", "iOS"),
    ("aix", "AIX"),
    ("solaris", "Solaris"),
    ("linux", "Linux"),
    *((name, "Linux") for name in ("ubuntu", "debian", "fedora", "red hat", "rhel", "centos")),
    *((name, "Linux") for name in ("suse", "rocky", "alma", "oracle")),
)


def platform_of(operating_system: str) -> str:
    """The platform of an operating system; empty where it is not known."""
    name = operating_system.lower()
    return next((platform for word, platform in _BY_WORD if word in name), "")


# By the table of osquery, which Fleet names as the source of a title.
PLATFORMS_OF_TABLES = {
    "programs": "Windows",
    "chocolatey_packages": "Windows",
    "apps": "macOS",
    "homebrew_packages": "macOS",
    "deb_packages": "Linux",
    "rpm_packages": "Linux",
    "ios_apps": "iOS",
    "ipados_apps": "iPadOS",
    "android_apps": "Android",
}
