# For the scripts beside it: go_suite NAME MODULE@VERSION PACKAGE… runs the tests of a Go module's packages.
# GO_TEST_FLAGS adds flags of `go test`. Prints what failed; last line: N passed, N failed (top-level tests). Keeps the whole output in OUTPUT, if set.
go_suite() {
  local name=$1 module=$2; shift 2
  command -v go > /dev/null || { echo "$name: SKIPPED: there is no go"; echo "0 passed, 0 failed"; return 0; }
  local work; work=$(mktemp -d)
  local output=${OUTPUT:-$work/output}
  (
    cd "$work"
    printf 'module suite\n\ngo 1.24\n' > go.mod
    for package in "$@"; do go get -t "$package@${module#*@}"; done
  ) > "$work/get" 2>&1 || { cat "$work/get"; echo "$name: SKIPPED: $module can't be had"; echo "0 passed, 0 failed"; rm -rf "$work"; return 0; }
  local status=0
  # shellcheck disable=SC2086
  go test -C "$work" -v -count=1 -timeout 15m ${GO_TEST_FLAGS:-} "$@" > "$output" 2>&1 || status=$?
  grep -E '^ *--- FAIL|^panic:|^--- SKIP|^\S+ \[build failed\]' "$output" || true
  echo "$(grep -c '^--- PASS' "$output") passed, $(grep -c '^--- FAIL' "$output") failed"
  rm -rf "$work"
  return "$status"
}
