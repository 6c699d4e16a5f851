"""Mirrors: files written from the ledger for people, some of whose edits are read back."""
