-- What the worker, the relay and the command line may do, given by the owner of the tables after each upgrade: add events
-- and read them, never change or remove one. PostgreSQL 17 or later.
\set ON_ERROR_STOP on
begin;
grant usage on schema dealflow, dealflow_keys to dealflow;
grant select, insert, update, delete on all tables in schema dealflow to dealflow;
grant usage on all sequences in schema dealflow to dealflow;
revoke update, delete on dealflow.stored_events, dealflow.commands, dealflow.seals from dealflow;
revoke insert, update, delete on dealflow.store_version, dealflow.store_identity from dealflow;
-- Each append locks the table for a moment, so that whoever follows the events sees them in order.
grant maintain on dealflow.stored_events to dealflow;
-- A key is made and destroyed, and what is destroyed is vacuumed away.
grant select, insert, update, maintain on dealflow_keys.keys to dealflow;
grant select, insert on dealflow_keys.key_file to dealflow;
commit;
