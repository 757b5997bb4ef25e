#!/usr/bin/env bash
# Word count of Kafka Streams on a broker, in both group protocols: run.sh BOOTSTRAP [BOOTSTRAP…]
# With several brokers their counts are compared too. KAFKA_HOME names a Kafka 4.3 distribution. Last line: N passed, N failed.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: run.sh BOOTSTRAP [BOOTSTRAP…]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "streams: SKIPPED: $1"; echo "0 passed, 0 failed"; exit 0; }
command -v java > /dev/null && command -v javac > /dev/null || skip "there is no java and javac"
libs=${KAFKA_HOME:-}/libs
ls "$libs"/kafka-streams-4.3.*.jar > /dev/null 2>&1 || skip "KAFKA_HOME has no libs/kafka-streams-4.3.*.jar"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
javac -cp "$libs/*" -d "$work/classes" "$here/StreamsCheck.java"
passed=0; failed=0
for protocol in streams classic; do
  first=
  for bootstrap in "$@"; do
    counts="$work/$protocol-${bootstrap//[^a-zA-Z0-9]/_}"
    echo "$protocol on $bootstrap"
    if timeout 900 java -Xmx512m -cp "$work/classes:$libs/*" StreamsCheck "$bootstrap" "$protocol" "$counts" 2> "$work/errors"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1)); tail -20 "$work/errors"; continue
    fi
    if [ -n "$first" ]; then
      if diff "$first" "$counts"; then passed=$((passed + 1)); echo "ok $protocol: the same counts as on the first broker"; else failed=$((failed + 1)); fi
    fi
    first=${first:-$counts}
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
