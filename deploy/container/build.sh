#!/bin/sh
# The image's build steps: build.sh FLINK_HOME, in a checkout. Makes the environment from its lock, brings the jars,
# compiles the kernel, and lays out a whole Flink in FLINK_HOME.
set -eu
cd "$(dirname "$0")/../.."
make --silent .venv/made
.venv/bin/python -m localstack.jars flink s3 kernel
.venv/bin/python -m sluice.deployment.flink_home "$1"
