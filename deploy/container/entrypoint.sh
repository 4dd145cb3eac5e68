#!/bin/sh
# Flink's Kubernetes support and compose.yaml hand over what to run; both find Flink's scripts on PATH.
set -eu
exec "$@"
