"""The version of the ledger's tables."""

VERSION = 7
"""The version of the tables as `creative_flow.ledger.tables` has them."""
