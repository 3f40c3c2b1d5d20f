"""Who buys from Fathom, and how they use it.

Owns the customers' habits: size, region, models, projects and first day. It leaves names, contracts
and prices to the catalog in `seeds/`, and the making of events to `bursar.demo.usage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MODELS = ("fathom-mini", "fathom-pro", "fathom-reason")
EMBEDDING_MODEL = "fathom-embed"
IMAGE_SIZES = ("512", "1024", "2048")


class Plan(StrEnum):
    """How a customer buys; it decides which features they can use at all."""

    SELF_SERVE = "self_serve"
    ENTERPRISE = "enterprise"
    JAPAN = "japan"


@dataclass(frozen=True)
class Customer:
    """One customer's habits.

    Args:
        customer_id: As in `seeds/customers.csv`.
        plan: How they buy.
        size: Their share of all traffic, relative to the others'.
        regions: Where they send requests; the first is home, and gets most of them.
        projects: What they name their own workloads.
        sent_as: The ids that their systems send; their own, or aliases of it.
        first_day: How many days after the demo's first they begin.
    """

    customer_id: str
    plan: Plan
    size: int
    regions: tuple[str, ...] = ("us",)
    projects: tuple[str, ...] = ("default",)
    sent_as: tuple[str, ...] = ()
    first_day: int = 0

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that stand in this customer's events."""
        return self.sent_as or (self.customer_id,)

    @property
    def people(self) -> int:
        """How many people have an account."""
        return 2 + self.size // 12

    @property
    def is_enterprise(self) -> bool:
        """Whether they have a contract of their own."""
        return self.plan is Plan.ENTERPRISE

    def has_started(self, day: int) -> bool:
        """Whether they use Fathom on a day, counted from the demo's first."""
        return day >= self.first_day


def _enterprise(
    customer_id: str, size: int, regions: str, projects: str, ids: str = "", first_day: int = 0
) -> Customer:
    return Customer(
        customer_id,
        Plan.ENTERPRISE,
        size,
        tuple(regions.split()),
        tuple(projects.split()),
        tuple(ids.split()),
        first_day,
    )


_ENTERPRISE = (
    _enterprise(
        "northstar_bank", 520, "us eu", "fraud-desk advisor search", "org_7741 northstar-fraud-desk"
    ),
    _enterprise("corvid_search", 400, "us eu ap", "answers ranking", "corvid_search corvid.search"),
    _enterprise("orbital_health", 300, "us eu", "triage records"),
    _enterprise("meridian_air", 230, "us", "rebooking"),
    _enterprise("alpenbank", 200, "eu", "research staging", "alpenbank alpenbank-staging"),
    _enterprise("atlas_insurance", 160, "us eu", "claims underwriting"),
    _enterprise("summit_retail", 130, "us", "catalog support"),
    _enterprise("delphi_pharma", 110, "us eu", "literature", first_day=14),
    _enterprise("nordlys_energi", 90, "eu", "grid"),
    _enterprise("lumiere_media", 70, "eu", "subtitles dubbing", first_day=9),
    _enterprise("old_harbor", 40, "us", "manifests"),
)

_JAPAN = (
    Customer("hoshi_games", Plan.JAPAN, 80, ("ap",), ("npc", "moderation")),
    Customer("kawa_logistics", Plan.JAPAN, 36, ("ap",), ("dispatch",)),
)

# In order of size; the number is the day they signed up.
_SELF_SERVE = (
    ("pinewood_chat", 0), ("kestrel_crm", 0), ("hollow_oak", 0), ("brightpath", 0), ("fernway", 0),
    ("inkwell", 0), ("rookery", 0), ("ember_studio", 22), ("saltmarsh", 0), ("ashgrove", 0),
    ("quillon", 2), ("juniper_legal", 9), ("cedarline", 0), ("larkspur", 0), ("early_bird", 39),
    ("mosaic_hr", 0), ("dovetail_notes", 0), ("umber_labs", 2), ("gatepost", 19), ("tansy", 8),
    ("vetchling", 0), ("willowbank", 0), ("nimbus_notes", 20), ("otterbrook_qa", 21), ("yarrow", 0),
    ("zephyr_docs", 19), ("latchkey", 30),
)  # fmt: skip
_SELF_SERVE_REGIONS = (("us",), ("us", "eu"), ("eu",), ("us",), ("ap", "us"), ("eu", "us"))
_SELF_SERVE_PROJECTS = (("default",), ("web", "mobile"), ("default",), ("prod", "dev"))


def _self_serve(rank: int, customer_id: str, first_day: int) -> Customer:
    return Customer(
        customer_id,
        Plan.SELF_SERVE,
        size=1 + 420 // (rank + 2),  # Zipf: the n-th customer is about a n-th of the first
        regions=_SELF_SERVE_REGIONS[rank % len(_SELF_SERVE_REGIONS)],
        projects=_SELF_SERVE_PROJECTS[rank % len(_SELF_SERVE_PROJECTS)],
        sent_as=("fernway", "team-fernway") if customer_id == "fernway" else (),
        first_day=first_day,
    )


CUSTOMERS: tuple[Customer, ...] = (
    *_ENTERPRISE,
    *_JAPAN,
    *(_self_serve(rank, name, day) for rank, (name, day) in enumerate(_SELF_SERVE)),
)
"""Every customer that sends events, and is in the catalog."""

STRANGERS = ("acme_trial", "northstar_bnak")
"""Ids that the catalog does not know: a trial that was never registered, and a slip of the pen."""
