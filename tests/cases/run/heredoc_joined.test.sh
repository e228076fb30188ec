#### the line of the delimiter may be continued, a quoted delimiter's may not
cat << EOF
a
E\
O\
F
cat << 'EOF'
b\
E\
OF
EOF
cat << EOF
\
EOF
echo c
## stdout:
a
b\
E\
OF
c

#### `<<-` takes tabs from the first of joined lines only
cat <<- EOF
	a \
	b \\
	c \$d \
	e
	EOF
## stdout-json: "a \tb \\\nc $d \te\n"

#### in backquotes in a here-document a backslash does not quote double quotes
cat << EOF
`echo "\"a\""` `echo \\$HOME | cut -c 1` `echo 'b\"c'`
"`echo "\"d\""`"
EOF
echo "`echo \"e\" 'f\"g'`"
## stdout:
"a" $ b\"c
""d""
e f"g
