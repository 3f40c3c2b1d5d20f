"""A catalog with commits, for tests: one that is fine, to be broken in one place."""

from __future__ import annotations

from tests.support.catalogs import CONTRACT, FIXED, FLAT, STORAGE, USAGE, Rows, names

TERM = {**CONTRACT, "ending_before": "2027-01-01"}
OPEN = {**CONTRACT, "contract_id": "k2"}
OTHERS = {**CONTRACT, "contract_id": "b1", "customer_id": "bolt"}
COMMIT = {"commit_id": "c1", "commit_type": "prepaid", "contract_id": "k1", "product_id": "fee"}
OF_A_CUSTOMER = {**COMMIT, "contract_id": "", "customer_id": "acme", "pricing_unit": "USD"}
SEGMENT = {
    "commit_id": "c1",
    "starting_at": "2026-01-01",
    "ending_before": "2027-01-01",
    "amount": "100",
}
PURCHASE = {"commit_id": "c1", "invoice_at": "2026-01-01", "amount": "90"}
ADJUSTMENT = {
    "adjustment_id": "a1",
    "commit_id": "c1",
    "segment_starting_at": "2026-01-01",
    "adjusted_at": "2026-02-01",
    "amount": "-100",
}
GRANTS = {
    "recurring_commit_id": "g1",
    "contract_id": "k1",
    "commit_type": "credit",
    "access_amount": "10",
}
OVERRIDE = {
    "override_id": "o1",
    "contract_id": "k1",
    "override_type": "multiplier",
    "starting_at": "2026-01-01",
    "product_id": "tokens",
    "multiplier": "0.9",
}
COMMIT_RATE = {**FLAT, "rate_id": "r3", "rate_basis": "commit", "price": "0.001"}
SOLD: dict[str, Rows] = {
    "products": [{**USAGE, "tags": "models|fast"}, {**STORAGE, "tags": "disk"}, FIXED],
    "contracts": [TERM, OPEN, OTHERS],
    "commits": [COMMIT],
    "commit_segments": [SEGMENT],
    "commit_invoices": [PURCHASE],
}
TRUE_UP = {**PURCHASE, "invoice_at": "2027-01-01", "amount": "100"}
PROMISED = SOLD | {
    "commits": [{**COMMIT, "commit_type": "postpaid"}],
    "commit_invoices": [TRUE_UP],
}


def said(book: dict[str, Rows], relation: str, row: dict[str, str]) -> list[str]:
    """What is wrong with a catalog once the first row of a relation says something else."""
    return names(**book | {relation: [{**book[relation][0], **row}, *book[relation][1:]]})
