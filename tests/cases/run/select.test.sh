#### the menu comes once, and again after an empty answer; the end of input is a failure
exec 2>&1
PS3='> '
select x in a 'b c'; do echo "[$x][$REPLY]"; done <<< $'1\n9\n\nfoo'
echo $?
## stdout:
1) a
2) b c
> [a][1]
> [][9]
> 1) a
2) b c
> [][foo]
> 
1

#### columns
exec 2>&1
select x in $(seq 30); do break; done <<< 1; echo
COLUMNS=20
select x in one two three four five six; do break; done <<< 1; echo
## stdout:
1) 1	 4) 4	 7) 7	10) 10	13) 13	16) 16	19) 19	22) 22	25) 25	28) 28
2) 2	 5) 5	 8) 8	11) 11	14) 14	17) 17	20) 20	23) 23	26) 26	29) 29
3) 3	 6) 6	 9) 9	12) 12	15) 15	18) 18	21) 21	24) 24	27) 27	30) 30
#? 
1) one	  4) four
2) two	  5) five
3) three  6) six
#? 

#### the positional parameters, or nothing
set -- p q
select x; do echo $x; break; done 2>/dev/null <<< 2
select y in; do echo no; done; echo $?
## stdout:
q
0
