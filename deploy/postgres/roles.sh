#!/bin/sh
# Runs once, when the database is new: a role and a database for dealflow, a role for Temporal that may make its own two.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set dealflow="$DEALFLOW_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role dealflow login password :'dealflow';
create database dealflow owner dealflow;
create role temporal login createdb password :'temporal';
SQL
