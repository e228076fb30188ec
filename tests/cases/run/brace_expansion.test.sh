#### braces nest to any depth
printf -v open '{a,%.0s' {1..1000}; printf -v close '}%.0s' {1..1000}
eval "set -- ${open}b$close"; echo $# $1 ${1000} ${1001}
printf -v open '{%.0s' {1..1000}; printf -v close ',b}%.0s' {1..1000}
eval "set -- ${open}a$close"; echo $# $1 $2 ${1001}
printf -v close '}%.0s' {1..1000}
eval "set -- x${open}a,b${close}y"; echo $# ${#1} ${2:998:7}
## stdout:
1001 a a b
1001 a b b
2 2001 {{b}}}}

#### alternatives keep their order beside what stands around them
a=1 ab=2; echo {x,{y,z{1..2}}w}{,-} {{a,b},c}{d,{e,f}g} p{$a,"q r"{s,$a}}{b,}
echo {a,{b}c,d} {{a..c},{d,e}f} {a..{b,c}} x{{a,b}y
echo {1..{2,3}} x{{b,c}..d}y {a..{b,c} {1..2}{..,x} {{b,}..}
## stdout:
x x- yw yw- z1w z1w- z2w z2w- ad aeg afg bd beg bfg cd ceg cfg p2 p1 pq rsb pq rs pq r2 pq r1
a {b}c d a b c df ef a..b a..c x{ay x{by
1..2 1..3 xb..dy xc..dy {a..b {a..c 1.. 1x 2.. 2x {b..} {..}
