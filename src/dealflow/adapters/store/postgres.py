"""The store on PostgreSQL: a pool of connections, one schema for the store and one for the keys."""
