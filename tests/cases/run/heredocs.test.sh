#### expansions in the body
x=v; cat <<EOF
a $x ${x}y $(echo sub) `echo back` $((1+2)) \$x "q"
EOF
## stdout:
a v vy sub back 3 $x "q"

#### a quoted delimiter
cat <<'EOF'
$x `no` \
EOF
## stdout:
$x `no` \

#### tabs stripped
cat <<-EOF
	one
		two
	EOF
## stdout:
one
two

#### two on a line
cat <<A - <<B
first
A
second
B
## stdout:
second

#### in a loop and with a pipe
for i in 1 2; do cat <<EOF | tr a-z A-Z
line $i
EOF
done
## stdout:
LINE 1
LINE 2

#### in a function and a substitution
f() { cat <<EOF
arg $1
EOF
}
x=$(f one); echo "<$x>"
## stdout:
<arg one>

#### a line continuation in the body
cat <<EOF
a\
b
EOF
## stdout:
ab

#### a long body
x=$(printf '%05000d' 0); cat <<EOF | wc -c
$x$x$x
EOF
## stdout:
15001

#### to a descriptor
read -r line <<EOF
  padded  
EOF
echo "[$line]"; cat 3<<EOF <&3
third
EOF
## stdout:
[padded]
third
