#### octal and symbolic
umask 022; umask; umask -S; umask -p; umask -pS
umask -S 077; umask
umask u=rwx,g=rx,o=; umask
umask g+w,o-x; umask; umask a=; umask; umask =r; umask; umask +w; umask
## stdout:
0022
u=rwx,g=rx,o=rx
umask 0022
umask -S u=rwx,g=rx,o=rx
u=rwx,g=,o=
0077
0027
0007
0777
0333
0111

#### what is wrong leaves it
umask 0124
umask -rwx 2>/dev/null; echo $?
umask 999 2>/dev/null; echo $?
umask abc 2>/dev/null; echo $?
umask u 2>/dev/null; echo $?
umask
## stdout:
2
1
1
1
0124

#### several actions, copies of another's permissions, s and t as in POSIX
umask 0124; umask u+r+w+x; umask
umask 0124; umask a+x+wr-r; umask
umask 0365; umask a=g; umask
umask 0124; umask a=,a=u; umask
umask 0124; umask a+st; umask
umask 0124; umask a=X; umask
## stdout:
0024
0444
0666
0111
0124
0666
## bash: differs because bash refuses these, which POSIX asks for
