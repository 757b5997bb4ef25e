#!/usr/bin/env bash
# The tests of franz-go, a Kafka client for Go, on a broker: franz-go.sh BOOTSTRAP
# RECORDS (50000) is how many records its pipelines carry. SCRAM_SEEDS=HOST:PORT and SCRAM=USER:PASSWORD are for a listener with SCRAM-SHA-256.
# Last line: N passed, N failed.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: franz-go.sh BOOTSTRAP" >&2; exit 2; }
# shellcheck source=/dev/null
. "$(dirname "$0")/go-suite.sh"
export KGO_SEEDS=$1 KGO_TEST_RF=1 KGO_TEST_RECORDS=${RECORDS:-50000} KGO_LOG_LEVEL=${KGO_LOG_LEVEL:-none}
[ -z "${SCRAM_SEEDS:-}" ] || export KGO_TEST_SCRAM_SEEDS=$SCRAM_SEEDS
[ -z "${SCRAM:-}" ] || export KGO_TEST_SCRAM=$SCRAM
go_suite franz-go github.com/twmb/franz-go@v1.22.2 github.com/twmb/franz-go/pkg/kgo
