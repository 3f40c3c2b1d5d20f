"""Finalized invoices: the append-only record."""
