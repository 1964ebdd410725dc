#!/usr/bin/env bash
# The house has rooms, and each library one door. Says where an include or a clock breaks that.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0

# forbid WHAT PATTERN FILES..: prints the lines that match.
forbid() {
  local what=$1 pattern=$2
  shift 2
  [ $# -gt 0 ] || return 0
  local found
  found=$(grep -nHE "$pattern" "$@" || true)
  [ -z "$found" ] && return 0
  printf '%s:\n%s\n\n' "$what" "$found"
  failed=1
}

# sources DIR.. [! PATH-PATTERN]: the C++ files below, but for those whose path matches.
sources() {
  local dirs=() skip='^$'
  while [ $# -gt 0 ]; do
    if [ "$1" = '!' ]; then skip=$2; shift 2; else dirs+=("$1"); shift; fi
  done
  find "${dirs[@]}" -name '*.cc' -o -name '*.h' | grep -vE "$skip" | sort
}

# door LIBRARY INCLUDE-PATTERN PATH-PATTERN: the include stands nowhere but in those paths.
door() {
  mapfile -t files < <(sources include src ! "$3")
  forbid "$1 may be included only in $3" "^ *#include *[<\"]$2" "${files[@]}"
}

# room NAME ALLOWED..: the room includes nothing of other rooms but these.
room() {
  local name=$1 allowed=sseprof/ path files
  for path in "$name/" "${@:2}"; do allowed+="|$path"; done
  mapfile -t files < <(sources "src/$name")
  [ "${#files[@]}" -gt 0 ] || return 0
  # Perl's look-ahead: any quoted include that does not begin with an allowed path.
  local found
  found=$(grep -nHP "^ *#include *\"(?!($allowed))" "${files[@]}" || true)
  [ -z "$found" ] && return 0
  printf 'src/%s may include only %s:\n%s\n\n' "$name" "$allowed" "$found"
  failed=1
}

door libcurl 'curl/' '^src/net/'
door CLI11 'CLI/' '^src/cli/'
door RapidJSON 'rapidjson/' '^src/wire/'
door Boost.Beast 'boost/(asio|beast)' '^src/sim/'
door Boost.Math 'boost/math' '^src/compare/inverses\.cc$'
door prometheus-cpp 'prometheus/' '^src/live/'
door civetweb '[Cc]ivet' '^src/live/'
door OpenSSL 'openssl/' '^src/load/sha256\.cc$'

mapfile -t files < <(sources include src ! '^src/net/clock\.cc$')
forbid 'clocks are read only in src/net/clock.cc' \
  'clock_gettime|gettimeofday|_clock::now *\(|\btime *\((NULL|nullptr|0)\)' "${files[@]}"

mapfile -t files < <(sources include)
forbid 'include/sseprof has no third-party include' '^ *#include *<(.*\.hpp|.*/.*)>' "${files[@]}"
forbid 'include/sseprof includes only itself' '^ *#include *"([^s]|s[^s])' "${files[@]}"

room core
room wire
room stats
room load wire/
room net
room scrape
room compare stats/
room out compare/ stats/ wire/
room neighbours out/ wire/
room plots stats/
room page compare/ plots/ stats/ wire/
room live net/clock.h net/thread_urgency.h
room selfcheck stats/ wire/ out/
room sim wire/ net/clock.h
room suite wire/ net/clock.h
forbid 'nothing points at main or cli' '^ *#include *"cli/' \
  $(sources include src ! '^src/(cli/|main\.cc$)')

mapfile -t files < <(sources tests ! '^tests/(bench|e2e|unit/schema)/')
forbid 'tests use RapidJSON through src/wire/json.h' '^ *#include *[<"]rapidjson' "${files[@]}"

# Several are compiled as one, where the helpers of one must not be seen by another.
mapfile -t files < <(find tests/unit -name '*_test.cc' | sort)
for file in "${files[@]}"; do
  grep -q "^namespace sseprof::$(basename "$file" .cc) {" "$file" && continue
  printf '%s: its namespace is not sseprof::%s\n\n' "$file" "$(basename "$file" .cc)"
  failed=1
done

[ "$failed" -eq 0 ] && echo 'every include is where it belongs'
exit "$failed"
