#!/bin/sh
# Runs once, when the database is new. Three roles: dealflow_owner makes dealflow's tables; dealflow, as whom everything
# runs, gets what rights.sql gives; temporal may make its own two databases.
set -eu
psql --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set owner="$DEALFLOW_OWNER_PASSWORD" --set dealflow="$DEALFLOW_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role dealflow_owner login password :'owner';
create role dealflow login password :'dealflow';
create role temporal login createdb password :'temporal';
create database dealflow owner dealflow_owner;
revoke all on database dealflow from public;
grant connect on database dealflow to dealflow;
\connect dealflow
-- Views are filled again whenever they change shape, by whoever asks first.
create schema dealflow_views authorization dealflow;
SQL
