#!/usr/bin/env bash
# A report from a machine's dpkg status file: how much is installed, by section, and what is largest.
#
# usage: dpkg-report.sh [STATUS-FILE]           default: data/dpkg-status; a machine's own is /var/lib/dpkg/status
set -euo pipefail

status=${1:-"$(dirname -- "$0")/data/dpkg-status"}
[ -r "$status" ] || { echo "${0##*/}: cannot read $status" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One line a package: name, section, size in KiB, source package. Fields that are missing get a dash.
awk -v OFS='\t' '
    BEGIN { RS = ""; FS = "\n" }
    {
        delete field
        for (i = 1; i <= NF; i++)
            if (match($i, /^[A-Za-z-]+: /))
                field[substr($i, 1, RLENGTH - 2)] = substr($i, RLENGTH + 1)
        if (field["Status"] !~ / installed$/) next
        section = field["Section"]; sub(/^.*\//, "", section)
        source = field["Source"] == "" ? field["Package"] : field["Source"]; sub(/ .*/, "", source)
        print field["Package"], (section == "" ? "-" : section), field["Installed-Size"] + 0, source
    }
' "$status" > "$work/packages"

packages=$(wc -l < "$work/packages")
total=$(cut -f 3 "$work/packages" | paste -sd + | bc)
sources=$(cut -f 4 "$work/packages" | sort -u | wc -l)
printf '%d packages of %d sources take %d MiB\n' "$packages" "$sources" $((total / 1024))

printf '\n%-16s %8s %10s\n' section packages MiB
while IFS=$'\t' read -r section number size; do
    printf '%-16s %8d %7d.%d\n' "$section" "$number" $((size / 1024)) $((size % 1024 * 10 / 1024))
done < <(
    awk -F '\t' -v OFS='\t' '{ number[$2]++; size[$2] += $3 } END { for (s in size) print s, number[s], size[s] }' \
        "$work/packages" | LC_ALL=C sort -t $'\t' -k3,3nr -k1,1
)

printf '\nthe ten largest:\n'
LC_ALL=C sort -t $'\t' -k3,3nr -k1,1 "$work/packages" | sed -n 1,10p |
    while IFS=$'\t' read -r name section size _; do
        printf '  %-28s %-12s %8d KiB\n' "$name" "$section" "$size"
    done

# Priorities that are not the usual one, straight from the file.
printf '\nessential or required: '
grep -cE '^(Essential: yes|Priority: required)$' "$status"
