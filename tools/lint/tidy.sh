#!/bin/bash
# Runs clang-tidy. Most of what it reads is headers, so it reads the unity files of preset `lint` (a dozen files each)
# instead of single files, wherever two or more of those files are asked for.
# usage: tidy.sh --all | tidy.sh <commit>      everything, or what changed since that commit
set -euo pipefail
cd "$(dirname "$0")/../.."

# A unity file includes .cc files, and these two checks look at the main file only: single files are looked at with them.
not_in_unity=-bugprone-suspicious-include,-misc-unused-using-decls,-misc-unused-alias-decls

# configure <preset>: its compile commands, and what is generated: those who include it must find it.
configure() {
  cmake --preset "$1" >/dev/null
  cmake --build "build/$1" --target all_generated >/dev/null
}

# The unity files, each with a file it includes, a line: `<unity file> <file>`. Not those of fuzzers and link tests, which
# hold a file or two each.
units() {
  find build/lint -path '*/Unity/*.cxx' -not -path '*_fuzz.dir/*' -not -path '*_link.dir/*' -exec grep -H '^#include' {} + \
    | sed -nE "s|^([^:]+):#include \"$PWD/(.*)\"\$|\1 \2|p"
}

# changed_since <commit>: the .cc files that changed, and for each changed header one that includes it (the one of its
# own name first): its findings show there.
changed_since() {
  git diff --name-only --diff-filter=d "$1" -- 'src/*.cc' 'tests/*.cc' 'tools/*.cc'
  git diff --name-only --diff-filter=d "$1" -- 'src/*.h' 'tests/*.h' 'tools/*.h' | while read -r header; do
    local own=${header/\/detail\//\/}
    if [ -f "${own%.h}.cc" ]; then
      echo "${own%.h}.cc"
    else
      git grep -lF "#include \"${header#*/}\"" -- '*.cc' | grep -vE '_(fuzz|bench)\.cc$' | head -n 1 || true
    fi
  done
}

# The jobs for the files in stdin: a unity file that holds more than one of them, or the file.
pick() {
  awk 'NR == FNR { asked[$1]; next }
       $2 in asked { count[$1]++; file[$1] = $2 }
       END { for (unit in count) print (count[unit] > 1 ? unit : file[unit]) }' - <(units)
}

# run_job <folder for findings> <unity file or file>
run_job() {
  local folder=build/tidy checks=
  case "$2" in build/lint/*) folder=build/lint checks=$not_in_unity ;; esac
  clang-tidy-19 --quiet --checks="$checks" -p "$folder" "$2" >"$1/${2//\//_}" 2>&1
}

# The findings of all jobs, each once, with the names that the files have in git.
show() {
  cat "$1"/* | sed -E "s#^$PWD/##; s#^build/(lint|tidy)/view/[^/]+/#src/#; /^[0-9]+ (warnings?|errors?) (and|generated)/d; /^(Suppressed|Use -header)/d" \
    | awk '/^[^ ]+:[0-9]+:[0-9]+: (error|warning|fatal error): / { shown = !seen[$0]++ } shown'
}

configure lint
if [ "$1" = --all ]; then
  jobs=$(units | cut -d ' ' -f 1 | sort -u)
else
  jobs=$(changed_since "$1" | sort -u | pick)
fi
[ -n "$jobs" ] || { echo "nothing changed since $1"; exit 0; }
grep -qv '^build/lint/' <<<"$jobs" && configure tidy

findings=$(mktemp -d)
trap 'rm -rf "$findings"' EXIT
export not_in_unity
export -f run_job
status=0
xargs -P "$(nproc)" -I{} bash -c 'run_job "$0" "$1"' "$findings" {} <<<"$jobs" || status=1
show "$findings"
echo "$(wc -l <<<"$jobs") clang-tidy runs"
exit "$status"
