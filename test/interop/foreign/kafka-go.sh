#!/usr/bin/env bash
# The tests of kafka-go, a Kafka client for Go. They want a broker on localhost:9092 with SASL on localhost:9093, as kafka-go.properties has it.
# Last line: N passed, N failed.
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "$0")/go-suite.sh"
(: < /dev/tcp/localhost/9092) 2> /dev/null || { echo "kafka-go: SKIPPED: nothing listens on localhost:9092"; echo "0 passed, 0 failed"; exit 0; }
export KAFKA_VERSION=4.0.0
# Those three end the whole run with a nil pointer of their own, on every broker.
GO_TEST_FLAGS="-p 1 -skip TestReaderConsumerGroup/(commits_on_close|offset_committed) ${GO_TEST_FLAGS:-}"
base=github.com/segmentio/kafka-go
go_suite kafka-go $base@v0.4.51 $base $base/sasl $base/topics
