#!/usr/bin/env bash
# Connect's converters, transformations and predicates against Kafka's own classes, over generated cases: data.sh [CASES [SEED]]
# CASES of each kind (200); SEED for the same ones again. KAFKA_HOME names a Kafka 4.3 distribution. Last line: N passed, N failed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "connect data: SKIPPED: $1"; echo "0 passed, 0 failed"; exit 0; }
command -v javac > /dev/null || skip "there is no javac"
ls "${KAFKA_HOME:-}"/libs/connect-json-4.3.*.jar > /dev/null 2>&1 || skip "KAFKA_HOME has no libs/connect-json-4.3.*.jar"
exec "$here/../../../node_modules/.bin/tsx" "$here/../../connect/java/record.ts" "$KAFKA_HOME/libs" "${1:-200}" "${2:-$RANDOM}"
