#!/bin/sh
# Makes the namespace if it is not there. Closed runs are kept for 90 days: the reuse policy of a deal's run holds that long.
set -eu
temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1 \
    || temporal operator namespace create --namespace "$NAMESPACE" --retention 90d
