#!/bin/sh
# Makes Temporal's two databases, or brings their schemas up to this server's version; harmless when run again.
set -eu
tool() {
    temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database "$@"
}
for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%%:*}
    # Fails where the database is there already; whatever is really wrong fails the next step as well.
    tool "$database" create-database || true
    tool "$database" setup-schema --version 0.0
    tool "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
done
