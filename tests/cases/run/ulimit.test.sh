#### values, labels, misuse
ulimit -c 0; ulimit -c; ulimit -Sc; ulimit -c -t
ulimit -p; ulimit -f; ulimit
ulimit -a | cut -c 1-41
exec 2>/dev/null
ulimit -n abc; echo $?
ulimit -Z; echo $?
ulimit -p 3; echo $?
## stdout:
0
0
core file size              (blocks, -c) 0
cpu time                   (seconds, -t) unlimited
8
unlimited
unlimited
real-time non-blocking time  (microsecond
core file size              (blocks, -c) 
data seg size               (kbytes, -d) 
scheduling priority                 (-e) 
file size                   (blocks, -f) 
pending signals                     (-i) 
max locked memory           (kbytes, -l) 
max memory size             (kbytes, -m) 
open files                          (-n) 
pipe size                (512 bytes, -p) 
POSIX message queues         (bytes, -q) 
real-time priority                  (-r) 
stack size                  (kbytes, -s) 
cpu time                   (seconds, -t) 
max user processes                  (-u) 
virtual memory              (kbytes, -v) 
file locks                          (-x) 
1
2
1

#### soft and hard
ulimit -St 100; ulimit -St; ulimit -Ht
ulimit -t 50; ulimit -Ht
(ulimit -t 60) 2>/dev/null && echo root may
## stdout:
100
unlimited
50
## status: 1
