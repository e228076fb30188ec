#### declare -f shows a function as bash lays it out
a() { :; }; b() { :; }; c() { :; }; d() { :; }; e() { :; }; l() { :; }; w() { :; }; x() { :; }; y() { :; }; z() { :; }; cmd() { :; }
f() { echo a; echo b >x 2>&1 >&2 <&3 >&- 3<>y; x=1 y=(1 [2]=3 'a b') cmd a "b c" `d` $(e; g) <<<w; a && b || c; a | b |& c; ! d; a & b; }
g() ( echo sub; echo two )
h() if a; then b; c; elif d; then e; else f; fi
i() { while x; do y; done; until z; do w; done >out; for i in 1 "$@"; do j; done; for j; do k; done; for ((i=0; i<3; i++)); do l; done; } >all
j() { case $x in a|b) c;; d) ;; *) e & ;& (q) f; g;;& esac; { a; b; } 2>/dev/null; ((x++)); [[ -f a && ( b == c || ! d ) ]]; }
k() { function inner { z; }; a=$(if x; then y; fi); while a; b; do c & done; }
declare -f f g h i j k
## stdout:
f () 
{ 
    echo a;
    echo b > x 2>&1 1>&2 0<&3 1>&- 3<> y;
    x=1 y=(1 [2]=3 'a b') cmd a "b c" `d` $(e; g) <<< w;
    a && b || c;
    a | b 2>&1 | c;
    ! d;
    a & b
}
g () 
{ 
    ( echo sub;
    echo two )
}
h () 
{ 
    if a; then
        b;
        c;
    else
        if d; then
            e;
        else
            f;
        fi;
    fi
}
i () 
{ 
    while x; do
        y;
    done;
    until z; do
        w;
    done > out;
    for i in 1 "$@";
    do
        j;
    done;
    for j in "$@";
    do
        k;
    done;
    for ((i=0; i<3; i++))
    do
        l;
    done
} > all
j () 
{ 
    case $x in 
        a | b)
            c
        ;;
        d)

        ;;
        *)
            e &
        ;&
        q)
            f;
            g
        ;;&
    esac;
    { 
        a;
        b
    } 2> /dev/null;
    ((x++));
    [[ -f a && ( b == c || ! -n d ) ]]
}
k () 
{ 
    function inner () 
    { 
        z
    };
    a=$(if x; then
    y;
fi);
    while a;
    b; do
        c &
    done
}

#### type and command -V
f() { cat <<X; }
text
X
type f
command -V f | head -2
eval "$(declare -f f)"; f
## stdout:
f is a function
f () 
{ 
    cat <<X
text
X

}
f is a function
f () 
text
#### here-documents, redirections of bodies, quotes and loops
f() { for ((i=0 ; i < 3 ; i++ )); do v=$'\x01a\'b'; echo "$'x'" $'\t'; done; for (( ; ; )); do :; done; }
declare -f f
g() ( echo c ) 2>&1
declare -f g
h() { echo; } 2>&1 >/dev/null
declare -f h
i() for x in 1; do echo; done > x
declare -f i
bb() { for f in a b c; do
cat <<-EOF >> ${f}
	file
	EOF
done
grep . a b c
}
declare -f bb
cc() { ( cat <<EOF
foo
EOF
); echo after; cat <<E1; echo x
1
E1
{ cat <<E2
2
E2
}; echo y; }
declare -f cc
dd() { cat <<E1 && echo x
1
E1
cat <<E2 | wc
2
E2
echo z; }
declare -f dd
## stdout:
f () 
{ 
    for ((i=0 ; i < 3 ; i++ ))
    do
        v='a'\''b';
        echo "$'x'" '	';
    done;
    for ((1; 1; 1))
    do
        :;
    done
}
g () 
{ 
    ( echo c ) 2>&1
}
h () 
{ 
    echo
} 2>&1 > /dev/null
i () 
{ 
    for x in 1;
    do
        echo;
    done > x
}
bb () 
{ 
    for f in a b c;
    do
        cat <<-EOF >> ${f}
file
EOF

    done
    grep . a b c
}
cc () 
{ 
    ( cat <<EOF
foo
EOF
 )
    echo after;
    cat <<E1
1
E1

    echo x;
    { 
        cat <<E2
2
E2

    }
    echo y
}
dd () 
{ 
    cat <<E1 && 
1
E1
 echo x
    cat <<E2 |
2
E2
  wc
    echo z
}
