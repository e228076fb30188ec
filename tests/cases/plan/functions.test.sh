#### a function without a scope of its own stands in place of its call
build() {
    if grep -q x a; then sort a; fi
}
build
echo done
## plan:
if
    region L1-build guarded ahead 1: build() { if grep -q x a; then sort a; fi }; grep -q x a | read a  runs grep
then
    region L2-sort: sort a | read a  runs sort
else
    -
region L5-echo: echo done

#### parameters need a scope
build() {
    if grep -q x "$1"; then sort "$1"; fi
}
build a
## plan:
region L1-build: build() { if grep -q x "$1"; then sort "$1"; fi }; build a | keeps function-scope  read ?  changed ?  runs grep,sort

#### so do local variables and return
build() {
    local x=1
    if grep -q "$x" a; then sort a; fi
}
test_it() {
    grep -q x a || return 1
    sort a
}
build
test_it
## plan:
region L1-build: build() { local x=1 if grep -q "$x" a; then sort a; fi }; test_it() { grep -q x a || return 1 sort a }; build; test_it | keeps function-scope  read ?  changed ?  runs grep,sort

#### a function that calls itself
down() {
    sort a
    if grep -q x a; then down; fi
}
down
## plan:
region L1-down: down() { sort a if grep -q x a; then down; fi }; down | keeps recursion  read a  runs grep,sort

#### variables of a function are those of its callers
count() { n=$((n + 1)); }
n=0
count
if grep -q x a; then echo "$n"; fi
## plan:
region L1-count: count() { n=$((n + 1)); }; n=0; count; if grep -q x a; then echo "$n"; fi | keeps no-task  in n  read a  runs grep

#### a main function that is given all parameters, and functions that it calls
main() {
    if [ -f "$1" ]; then sort a; fi
    fetch x
    build "$1"
}
fetch() {
    if grep -q y a; then sort b; fi
}
build() {
    if grep -q x a; then sort a; fi
}
main "$@"
## plan:
if
    region L1-main guarded ahead 3: main() { if [ -f "$1" ]; then sort a; fi fetch x build "$1" }; fetch() { if grep -q y a; then sort b; fi }; build() { if grep -q x a; then sort a; fi }; [ -f "$1" ] | read ?  changed ?
then
    region L2-sort: sort a | read a  runs sort
else
    -
if
    region L7-grep guarded: grep -q y a | read a  runs grep
then
    region L7-sort: sort b | read b  runs sort
else
    -
region L4-build: build "$1" | keeps function-scope  read a  runs grep,sort

#### a function that is called twice
build() {
    if grep -q x a; then sort a; fi
}
build
build
## plan:
if
    region L1-build guarded ahead 1: build() { if grep -q x a; then sort a; fi }; grep -q x a | read a  runs grep
then
    region L2-sort: sort a | read a  runs sort
else
    -
if
    region L2-grep guarded: grep -q x a | read a  runs grep
then
    region L2-sort-2: sort a | read a  runs sort
else
    -

#### a function that is called twice, and may fail to expand
n=1
build() {
    if grep -q x a; then echo "$((n + 1))"; sort a; fi
}
build
build
## plan:
region L1-n: n=1; build() { if grep -q x a; then echo "$((n + 1))"; sort a; fi }; build; build | keeps function-scope  in n  read a  runs grep,sort

#### a function that is called before it is defined
build
build() {
    if grep -q x a; then sort a; fi
}
build
## plan:
region L1-build: build; build() { if grep -q x a; then sort a; fi }; build | keeps function-scope  read a  runs grep,sort

#### a function that asks who has called it
who() { echo "${FUNCNAME[1]}"; }
build() {
    if grep -q x a; then sort a; who; fi
}
build
## plan:
region L1-who: who() { echo "${FUNCNAME[1]}"; }; build() { if grep -q x a; then sort a; who; fi }; build | keeps function-scope  read a  runs grep,sort

#### a call in a condition and in a branch
check() { grep -q x a; }
build() {
    if grep -q x a; then sort a; fi
}
if check; then build; fi
## plan:
if
    region L1-check guarded ahead 2: check() { grep -q x a; }; build() { if grep -q x a; then sort a; fi }; check | read a  runs grep
then
    if
        region L3-grep guarded: grep -q x a | read a  runs grep
    then
        region L3-sort: sort a | read a  runs sort
    else
        -
else
    -
