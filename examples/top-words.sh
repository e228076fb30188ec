#!/usr/bin/env bash
# The most frequent words of some texts.
#
# usage: top-words.sh [-n COUNT] [FILE...]      default: the 15 most frequent of data/licences
set -euo pipefail

here=$(dirname -- "$0")
count=15

while getopts n: option; do
    case $option in
        n) count=$OPTARG ;;
        *) echo "usage: ${0##*/} [-n COUNT] [FILE...]" >&2
           exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- "$here"/data/licences/*.txt

# Words that say nothing about a text, one a line.
stop_words=$(mktemp)
trap 'rm -f "$stop_words"' EXIT
tr -s ' ' '\n' <<'END' > "$stop_words"
a an and any are as at be by for from if in is it may must no not of on or other such that the this to under
which with you your
END

# All words in lower case, most frequent first; words of one count in the order of the alphabet. The last stage reads all:
# with pipefail, one that stopped early could make the status that of the writer's broken pipe.
cat -- "$@" |
    tr -cs '[:alpha:]' '\n' |
    tr '[:upper:]' '[:lower:]' |
    grep -E '.{2,}' |
    grep -vxFf "$stop_words" |
    LC_ALL=C sort |
    uniq -c |
    LC_ALL=C sort -k1,1nr -k2 |
    awk -v count="$count" 'NR <= count { printf "%6d  %s\n", $1, $2 }'
