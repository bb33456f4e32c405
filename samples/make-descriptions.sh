#!/bin/sh
# Writes debian-packages.jsonl, real package descriptions from the Debian archive that apt knows about,
# and packages.csv, every thirtieth of them without the long description.
# Needs a Debian system whose package lists hold the long descriptions: apt-get update -o Acquire::Languages=en
set -eu
export LC_ALL=C.UTF-8

count=${1:-600}
cd "$(dirname "$0")"

# Sections whose descriptions say little about what a package is for.
dull='^(debug|introspection|libdevel|localization|metapackages|oldlibs|tasks)$'

# One tab-separated line a package: section, name, summary, description (already escaped for JSON).
stanzas() {
    apt-cache pkgnames | sort | xargs apt-cache -o Acquire::Languages=en show --no-all-versions |
        awk -v dull="$dull" '
            function escape(text) {
                gsub(/\\/, "&&", text); gsub(/"/, "\\\"", text); gsub(/\t/, "\\t", text)
                return text
            }
            # A section with a slash lies outside main, where licences need not be free.
            function print_package() {
                if (name != "" && section !~ dull && section !~ /\// && text ~ /[^ ]/ &&
                    length(text) >= 200 && length(text) <= 1500 && !(text in seen)) {
                    seen[text] = 1
                    print section "\t" name "\t" escape(summary) "\t" shown
                }
                name = section = summary = text = shown = ""; inside = 0
            }
            /^$/                  { print_package(); next }
            /^[^ ]/               { inside = 0 }
            /^Package: /          { name = $2 }
            /^Section: /          { section = $2 }
            /^Description-en: /   { summary = substr($0, 17); inside = 1; next }
            inside && /^ /        { line = ($0 == " .") ? "" : substr($0, 2)
                                    text = text (text == "" ? "" : "\n") line
                                    shown = shown (shown == "" ? "" : "\\n") escape(line) }
            END                   { print_package() }'
}

# Every section gives its share; a small one gives all it has, and the others make up for it.
spread() {
    sort -t "$(printf '\t')" -k 1,1 -k 2,2 | awk -F '\t' -v wanted="$count" '
        { if ($1 != last) { section[++sections] = last = $1 }
          row[$1, size[$1]++] = $0 }
        END {
            for (progress = 1; taken < wanted && progress; ) {
                progress = 0
                for (s = 1; s <= sections && taken < wanted; s++)
                    if (quota[section[s]] < size[section[s]]) { quota[section[s]]++; taken++; progress = 1 }
            }
            for (s = 1; s <= sections; s++)
                for (k = 0; k < quota[section[s]]; k++)
                    print row[section[s], int(k * size[section[s]] / quota[section[s]])]
        }'
}

rows=$(mktemp)
trap 'rm -f "$rows"' EXIT
stanzas | spread | sort -t "$(printf '\t')" -k 2,2 > "$rows"

awk -F '\t' '{ printf "{\"id\":\"%s\",\"section\":\"%s\",\"summary\":\"%s\",\"description\":\"%s\"}\n", $2, $1, $3, $4 }' \
    "$rows" > debian-packages.jsonl

awk -F '\t' 'BEGIN { print "id,section,summary" }
    NR % 30 == 1 { gsub(/\\"/, "\"\"", $3); printf "%s,%s,\"%s\"\n", $2, $1, $3 }' "$rows" > packages.csv

wc -l debian-packages.jsonl packages.csv
