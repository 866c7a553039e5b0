#!/bin/sh
# Makes Temporal's two databases, or brings their schemas up to this server's version; harmless when run again. Where
# the database is, and as whom it is reached, says the environment: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu
for pair in temporal:temporal temporal_visibility:visibility; do
    export SQL_DATABASE="${pair%%:*}"
    temporal-sql-tool create-database
    temporal-sql-tool setup-schema --version 0.0
    # The tool carries the schemas of its version.
    temporal-sql-tool update-schema --schema-name "postgresql/v12/${pair##*:}"
done
