"""Who there is in the demo: companies, their people and places, and the users that sign in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from accounts.models import Company, CostCentre, Department, Location, Membership, Person, User
from accounts.roles import Role
from contracts.models import Vendor
from demo.catalogue import CATALOGUE, EXAMPLES, RESELLERS

COMPANIES = (
    ("Halden Group AG", "HALDEN"),
    ("Halden Nordic AB", "NORDIC"),
    ("Brückner GmbH", "BRUECK"),
)
# In which currency a company buys, and how many of it make up a price of the catalogue.
CURRENCIES = {"HALDEN": ("CHF", 1), "NORDIC": ("SEK", 11), "BRUECK": ("EUR", 1)}
DEPARTMENTS = (
    "IT",
    "Engineering",
    "Finance",
    "Marketing",
    "Production",
    "Human Resources",
    "Sales",
)
LOCATIONS = {
    "HALDEN": (("Zürich", "Switzerland"), ("Geneva", "Switzerland"), ("Lyon", "France")),
    "NORDIC": (("Göteborg", "Sweden"), ("Oslo", "Norway")),
    "BRUECK": (("Ulm", "Germany"), ("Graz", "Austria")),
}
FIRST_NAMES = (
    *("Anna", "Björn", "Carla", "David", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jakub"),
    *("Katja", "Luca", "Maja", "Nils", "Olga", "Pavel", "Rita", "Samir", "Tove", "Yusuf"),
)
LAST_NAMES = (
    *("Ahlgren", "Berger", "Costa", "Dubois", "Eriksson", "Fischer", "Gruber", "Huber"),
    *("Ivanov", "Jansen", "Keller", "Larsen", "Moser", "Novak", "Olsson", "Petit"),
)
PEOPLE_OF_COMPANY = {"HALDEN": 160, "NORDIC": 80, "BRUECK": 64}


class DemoUser(NamedTuple):
    """Somebody who signs in to the demo; the passwords are for the demo alone."""

    username: str
    password: str
    first_name: str
    last_name: str
    role: str  # as it is printed beside the password
    memberships: tuple[tuple[str, Role], ...]
    is_superuser: bool = False


USERS = (
    DemoUser(
        "mira",
        "mira-demo",
        "Mira",
        "Lindqvist",
        "license manager of Halden Group and Halden Nordic",
        (("HALDEN", Role.LICENSE_MANAGER), ("NORDIC", Role.LICENSE_MANAGER)),
    ),
    DemoUser(
        "adam",
        "adam-demo",
        "Adam",
        "Keller",
        "administrator of all three companies: imports workbooks",
        tuple((code, Role.ADMINISTRATOR) for _name, code in COMPANIES),
    ),
    DemoUser(
        "audrey",
        "audrey-demo",
        "Audrey",
        "Moreau",
        "auditor of all three companies: reads everything, changes nothing",
        tuple((code, Role.AUDITOR) for _name, code in COMPANIES),
    ),
    DemoUser(
        "jonas",
        "jonas-demo",
        "Jonas",
        "Weber",
        "license manager of Brückner alone",
        (("BRUECK", Role.LICENSE_MANAGER),),
    ),
    DemoUser("rosa", "rosa-demo", "Rosa", "Nyberg", "requester", (("NORDIC", Role.REQUESTER),)),
    DemoUser("root", "root-demo", "Root", "User", "superuser", (), is_superuser=True),
)


class Household(NamedTuple):
    """A company with its people and places."""

    company: Company
    departments: list[Department]
    cost_centres: list[CostCentre]
    locations: list[Location]
    people: list[Person]


def make_users() -> dict[str, User]:
    """The users by their names; ``giving_passwords`` lets them sign in."""
    users = User.objects.bulk_create(
        User(
            username=user.username,
            email=f"{user.username}@example.org",
            first_name=user.first_name,
            last_name=user.last_name,
            is_superuser=user.is_superuser,
            is_staff=user.is_superuser,
        )
        for user in USERS
    )
    return {user.username: user for user in users}


@contextmanager
def giving_passwords() -> Iterator[None]:
    """Hash the passwords beside the block, since that is slow on purpose, and set them after it."""
    with ThreadPoolExecutor() as pool:
        hashes = pool.map(make_password, [user.password for user in USERS])
        yield
    for user, hashed in zip(USERS, hashes, strict=True):
        User.objects.filter(username=user.username).update(password=hashed)


def make_households(users: dict[str, User], random: Random) -> list[Household]:
    """The companies, and the users' roles in them."""
    households = [_household(name, code, random) for name, code in COMPANIES]
    companies = {household.company.code: household.company for household in households}
    Membership.objects.bulk_create(
        Membership(user=users[user.username], company=companies[code], role=role)
        for user in USERS
        for code, role in user.memberships
    )
    return households


def _household(name: str, code: str, random: Random) -> Household:
    company = Company.objects.create(name=name, code=code)
    departments = Department.objects.bulk_create(
        Department(company=company, name=each) for each in DEPARTMENTS
    )
    cost_centres = CostCentre.objects.bulk_create(
        CostCentre(company=company, name=f"{4100 + 10 * number} {each}")
        for number, each in enumerate(DEPARTMENTS)
    )
    locations = Location.objects.bulk_create(
        Location(company=company, name=place, country=country) for place, country in LOCATIONS[code]
    )
    names = random.sample(
        [(first, last) for first in FIRST_NAMES for last in LAST_NAMES],
        PEOPLE_OF_COMPANY[code],
    )
    people = Person.objects.bulk_create(
        Person(
            company=company,
            name=f"{first} {last}",
            email=f"{first}.{last}@{code.lower()}.example".lower(),
            department=random.choice(departments),
        )
        for first, last in names
    )
    return Household(company, departments, cost_centres, locations, people)


def make_vendors() -> dict[str, Vendor]:
    """All publishers and resellers by name."""
    names = {sold.vendor for sold in (*CATALOGUE, *EXAMPLES)} | set(RESELLERS)
    return {
        vendor.name: vendor
        for vendor in Vendor.objects.bulk_create(Vendor(name=name) for name in sorted(names))
    }
