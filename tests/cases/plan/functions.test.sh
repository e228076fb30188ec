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
