"""Imports on record: which batches a source has brought, and in which one an import goes on."""
