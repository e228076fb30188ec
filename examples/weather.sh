#!/usr/bin/env bash
# A month of weather readings: faulty rows are named and left out, each station is summarised by a worker of its own.
#
# usage: weather.sh [CSV]                       default: data/weather.csv
set -euo pipefail
export LC_ALL=C

csv=${1:-"$(dirname -- "$0")/data/weather.csv"}
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT

is_number() { [[ $1 =~ ^-?[0-9]+\.[0-9]$ ]]; }

# REPLY=123 for 12.3 and -5 for -0.5: the shell compares whole numbers.
to_tenths() {
    local sign='' digits=${1/./}
    [[ $digits != -* ]] || sign=-
    digits=${digits#-}
    while [[ $digits == 0?* ]]; do digits=${digits#0}; done
    REPLY=$sign$digits
}

# Is the row of use? If not, REPLY says why not.
is_sound() {
    local minimum=$1 maximum=$2 rain=$3 low high
    if ! is_number "$minimum" || ! is_number "$maximum"; then
        REPLY='no temperature'
    elif ! is_number "$rain"; then
        REPLY='no rain gauge'
    else
        to_tenths "$minimum"; low=$REPLY
        to_tenths "$maximum"; high=$REPLY
        REPLY='minimum above maximum'
        ((low <= high))
        return
    fi
    return 1
}

declare -A rows=()
faults=()
line=1
{
    read -r _ # the heading
    while IFS=, read -r date station minimum maximum rain; do
        line=$((line + 1))
        if ! is_sound "$minimum" "$maximum" "$rain"; then
            faults+=("line $line, $station on $date: $REPLY")
            continue
        fi
        rows[$station]=$((${rows[$station]:-0} + 1))
        printf '%s,%s,%s,%s\n' "$date" "$minimum" "$maximum" "$rain" >> "$work/$station.csv"
    done
} < "$csv"

# One station's summary, in a file of its own: the workers run side by side.
summarise() {
    local station=$1
    awk -F , -v station="$station" '
        NR == 1 || $2 < low  { low = $2; coldest = $1 }
        NR == 1 || $3 > high { high = $3; warmest = $1 }
        { sum += ($2 + $3) / 2; rain += $4 }
        END {
            printf "%-12s %4d %6.1f  %6.1f on %s  %6.1f on %s %7.1f\n",
                station, NR, sum / NR, low, coldest, high, warmest, rain
        }' "$work/$station.csv" > "$work/$station.summary"
}
export -f summarise
printf '%s\0' "${!rows[@]}" | xargs -0 -n 1 -P 2 bash -c 'summarise "$1"' worker

cat <<END
Readings of ${#rows[@]} stations, from ${csv##*/}

$(printf '%-12s %4s %6s  %20s  %20s %7s' station days mean coldest warmest rain)
$(cat "$work"/*.summary)

Left out, ${#faults[@]} rows:
$(printf '  %s\n' "${faults[@]}")
END
