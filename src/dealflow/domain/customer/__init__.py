"""Customers as such, whatever their deals: named, known to other systems, merged, erased."""
