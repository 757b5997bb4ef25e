#!/usr/bin/env bash
# The same requests, in every version, to kt's broker and to Apache Kafka; their answers are compared.
# KAFKA_HOME names a Kafka 4.3 distribution; without it nothing is done. Arguments: parts of scenarios' names to run only those.
# Last line: N compared, N differences. Takes a minute or two.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${KAFKA_HOME:-}" ]; then
  echo 'differential: skipped, KAFKA_HOME is not set to the folder of a Kafka 4.3 distribution'
  exit 0
fi
[ -x "$KAFKA_HOME/bin/kafka-server-start.sh" ] || { echo "differential: $KAFKA_HOME/bin/kafka-server-start.sh is missing" >&2; exit 2; }
node scripts/fresh.mjs install
[ -f dist/cli/main.js ] || npm run --silent build
exec node_modules/.bin/tsx test/interop/differential.ts "$@"
