#!/usr/bin/env bash
# Data directories handed from kt to Apache Kafka and back. KAFKA_HOME names a Kafka 4.3 distribution (bin/kafka-*.sh).
# Last line: N passed, N failed. Takes a few minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${KAFKA_HOME:?set KAFKA_HOME to the folder of a Kafka 4.3 distribution}"
[ -x "$KAFKA_HOME/bin/kafka-topics.sh" ] || { echo "interop: $KAFKA_HOME/bin/kafka-topics.sh is missing" >&2; exit 2; }
node scripts/fresh.mjs install
[ -f dist/cli/main.js ] || npm run --silent build
exec node_modules/.bin/tsx test/interop/formats.ts "$@"
