#### inside the workspace names are granted
cat a.txt sub/../b.txt
## grants:
case.sh:1:1: cat a.txt sub/../b.txt
  read     a.txt
  read     sub/../b.txt

#### outside, the flag that would grant it is shown
cat /var/log/syslog /srv/in/../../home/me/.ssh/id
sort -o /srv/out a.txt
## grants:
case.sh:1:1: cat /var/log/syslog /srv/in/../../home/me/.ssh/id
  read     /var/log/syslog  (refused: --allow-read /var/log/syslog would grant it)
  read     /srv/in/../../home/me/.ssh/id  (refused: --allow-read /home/me/.ssh/id would grant it)
case.sh:2:1: sort -o /srv/out a.txt
  write    /srv/out  (refused: --allow-write /srv/out would grant it)
  read     a.txt

#### flags grant
cat /var/log/syslog < /var/log/messages
## args: --allow-read /var/log
## grants:
case.sh:1:1: cat /var/log/syslog
  read     /var/log/syslog
case.sh:1:21: < /var/log/messages
  read     /var/log/messages

#### redirections are the script's own, and listed like a step
cat < in.txt > /tmp/out 2>> /dev/null
## grants:
case.sh:1:1: cat
  nothing but its streams
case.sh:1:5: < in.txt
  read     in.txt
case.sh:1:14: > /tmp/out
  write    /tmp/out  (the run's private /tmp)
case.sh:1:25: 2>> /dev/null
  write    /dev/null

#### what is known only at run time stays in the workspace
cat "$1" > "$2"
## grants:
case.sh:1:1: cat "$1"
  read     (known at run time; in the workspace)
case.sh:1:10: > "$2"
  write    (known at run time; in the workspace)

#### a command that runs another one has what both need
xargs grep -f patterns.txt
## grants:
case.sh:1:1: xargs grep -f patterns.txt
  read     patterns.txt
  read     (known at run time; in the workspace)
  list     .
  list     (known at run time; in the workspace)
  run      grep

#### a script that would be refused has findings, not grants
gerp x
## grants:
error[MSH201]: `gerp` is not in the catalog
  --> case.sh:1:1
   |
 1 | gerp x
   | ^^^^
   |
  help: did you mean `grep`?

1 error in 1 script
## status: 1

#### descriptors and process substitutions open no file
cat < <(sort a) 2>&1 >&2
## grants:
case.sh:1:1: cat
  nothing but its streams
case.sh:1:9: sort a
  read     a

#### objects
sort s3://data/in.csv > s3://data/out/a.csv
cp s3://data/in.csv s3://other/in.csv; rm s3://data/out/b.csv
## args: --allow-read s3://data --allow-write s3://data/out
## grants:
case.sh:1:1: sort s3://data/in.csv
  read     s3://data/in.csv
case.sh:1:23: > s3://data/out/a.csv
  write    s3://data/out/a.csv
case.sh:2:1: cp s3://data/in.csv s3://other/in.csv
  read     s3://data/in.csv
  entries  s3://other/in.csv  (refused: --allow-write s3://other/in.csv would grant it)
case.sh:2:40: rm s3://data/out/b.csv
  entries  s3://data/out/b.csv
