#!/usr/bin/env bash
# Stand-alone workers of Kafka Connect and of kt beside each other: standalone.sh BOOTSTRAP
# KAFKA_HOME names a Kafka 4.3 distribution. Last line: N passed, N failed.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: standalone.sh BOOTSTRAP" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "connect-standalone: SKIPPED: $1"; echo "0 passed, 0 failed"; exit 0; }
command -v java > /dev/null || skip "there is no java"
[ -x "${KAFKA_HOME:-}/bin/connect-standalone.sh" ] || skip "KAFKA_HOME has no bin/connect-standalone.sh"
jar=$(ls "$KAFKA_HOME"/libs/connect-file-4.3.*.jar 2> /dev/null) || skip "KAFKA_HOME has no libs/connect-file-4.3.*.jar"
export CLASSPATH="$jar"
exec "$here/../../../node_modules/.bin/tsx" "$here/standalone-check.ts" "$1"
