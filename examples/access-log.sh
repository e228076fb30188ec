#!/usr/bin/env bash
# What happened on a web server: requests by status, path and hour, and hosts that look for holes.
#
# usage: access-log.sh [LOG]                    Apache's combined format; default: data/access.log
set -euo pipefail
export LC_ALL=C

log=${1:-"$(dirname -- "$0")/data/access.log"}

heading() { printf '\n%s\n' "$1"; }

# Counts equal lines, largest first, and keeps the first N.
ranking() {
    sort | uniq -c | sort -k1,1nr -k2 | sed -n "1,${1:-10}p"
}

requests=$(grep -c '' "$log")
hosts=$(cut -d ' ' -f 1 "$log" | sort -u | wc -l)
bytes=$(awk '$10 != "-" { sum += $10 } END { printf "%d", sum }' "$log")
echo "$requests requests from $hosts hosts, $((bytes / 1024 / 1024)) MiB sent"

heading 'status'
awk '{ print $9 }' "$log" | ranking | while read -r count status; do
    case $status in
        2??) meaning=answered ;;
        3??) meaning=elsewhere ;;
        4??) meaning='client error' ;;
        5??) meaning='server error' ;;
        *) meaning=odd ;;
    esac
    printf '%7d  %s  %s\n' "$count" "$status" "$meaning"
done

heading 'paths, without queries'
sed -E 's/^[^"]*"[A-Z]+ ([^ ?"]*).*/\1/' "$log" | ranking 8

heading 'hours'
declare -A by_hour=()
peak=0
while IFS=: read -r _ hour _; do
    ((++by_hour[$hour] > peak)) && peak=${by_hour[$hour]}
done < <(cut -d '[' -f 2 "$log") || true
for hour in {00..23}; do
    count=${by_hour[$hour]:-0}
    bar=$(printf '%*s' $((count * 50 / peak)) '')
    printf '  %s %5d %s\n' "$hour" "$count" "${bar// /#}"
done

heading 'hosts with the most errors'
awk '$9 >= 400 { print $1 }' "$log" | ranking 3

heading 'browsers'
awk -F '"' '{ print $6 }' "$log" |
    sed -E 's/.*(Firefox|Chrome)\/([0-9]+).*/\1 \2/; s/.*Version\/([0-9]+).*Safari.*/Safari \1/; s/^-$/none/' |
    ranking 5
