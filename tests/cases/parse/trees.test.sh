# The tree of one example of each construct.

#### a pipeline and a list
! time -p a | b |& c && d || e; f &
## tree:
body: Statement
  command: AndOr operators=('&&', '||')
    commands: Pipeline both=(False, True, False) negated=True timed='time -p'
      commands: SimpleCommand
        words: 'a'
      commands: SimpleCommand
        words: 'b'
      commands: SimpleCommand
        words: 'c'
    commands: SimpleCommand
      words: 'd'
    commands: SimpleCommand
      words: 'e'
body: Statement background=True
  command: SimpleCommand
    words: 'f'

#### quotes are kept
echo a"b $x"'c'\d$'e\n'$"f"
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: Literal text='a'
      parts: DoubleQuoted
        parts: Literal text='b '
        parts: Parameter name='x'
      parts: SingleQuoted text='c'
      parts: Escaped text='d'
      parts: SingleQuoted text='e\n' ansi=True
      parts: DoubleQuoted localized=True
        parts: Literal text='f'

#### parameters
echo $x ${x} ${#x} ${!x} ${x:-a b} ${x##*/} ${x/a/b} ${x:1:2} ${x^^} ${x@Q} ${!x*} ${x[i + 1]} ${x[@]}
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: Parameter name='x'
    words: Word
      parts: Parameter name='x' braced=True
    words: Word
      parts: Parameter name='x' braced=True prefix='#'
    words: Word
      parts: Parameter name='x' braced=True prefix='!'
    words: Word
      parts: Parameter name='x' braced=True operator=':-'
        argument: 'a b'
    words: Word
      parts: Parameter name='x' braced=True operator='##'
        argument: '*/'
    words: Word
      parts: Parameter name='x' braced=True operator='/'
        argument: 'a'
        replacement: 'b'
    words: Word
      parts: Parameter name='x' braced=True operator=':'
        argument: '1'
        replacement: '2'
    words: Word
      parts: Parameter name='x' braced=True operator='^^'
        argument: Word
    words: Word
      parts: Parameter name='x' braced=True operator='@'
        argument: 'Q'
    words: Word
      parts: Parameter name='x' braced=True prefix='!' operator='*'
    words: Word
      parts: Parameter name='x' braced=True
        subscript: Subscript
          word: 'i + 1'
    words: Word
      parts: Parameter name='x' braced=True
        subscript: Subscript all='@'
          word: '@'

#### a single quote inside of double quotes and braces hides a brace
echo "${x:-'}'}" ${x:-'}'}
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: DoubleQuoted
        parts: Parameter name='x' braced=True operator=':-'
          argument: "'}'"
    words: Word
      parts: Parameter name='x' braced=True operator=':-'
        argument: Word
          parts: SingleQuoted text='}'

#### here-documents of one line
cat <<A - <<'B'; c
$x
A
$y
B
## tree:
body: Statement
  command: SimpleCommand
    words: 'cat'
    words: '-'
    redirects: Redirect operator='<<'
      target: HereDocument delimiter='A' quoted=False strip_tabs=False
        parts: Parameter name='x'
        parts: Literal text='\n'
    redirects: Redirect operator='<<'
      target: HereDocument delimiter='B' quoted=True strip_tabs=False
        parts: Literal text='$y\n'
body: Statement
  command: SimpleCommand
    words: 'c'

#### a here-document inside of a substitution
x=$(cat <<-E
	$y
	E
)
## tree:
body: Statement
  command: SimpleCommand
    assignments: Assignment name='x'
      value: Word
        parts: CommandSubstitution
          body: Statement
            command: SimpleCommand
              words: 'cat'
              redirects: Redirect operator='<<-'
                target: HereDocument delimiter='E' quoted=False strip_tabs=True
                  parts: Parameter name='y'
                  parts: Literal text='\n'

#### a here-document ends with the text
cat <<E
x
## tree:
body: Statement
  command: SimpleCommand
    words: 'cat'
    redirects: Redirect operator='<<'
      target: HereDocument delimiter='E' quoted=False strip_tabs=False closed=False
        parts: Literal text='x\n'

#### backquotes inside of backquotes
echo `a \`b \$c\``
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: CommandSubstitution backquoted=True
        body: Statement
          command: SimpleCommand
            words: 'a'
            words: Word
              parts: CommandSubstitution backquoted=True
                body: Statement
                  command: SimpleCommand
                    words: 'b'
                    words: Word
                      parts: Parameter name='c'

#### arithmetic
echo $((a[i] + $x * -2 ** 3)) $(($x$y))
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: ArithmeticExpansion
        arithmetic: Arithmetic
          parts: Literal text='a[i] + '
          parts: Parameter name='x'
          parts: Literal text=' * -2 ** 3'
          expression: Binary operator='+'
            left: Variable name='a'
              subscript: Subscript
                word: 'i'
            right: Binary operator='*'
              left: Operand
                part: Parameter name='x'
              right: Binary operator='**'
                left: Unary operator='-'
                  operand: Number text='2'
                right: Number text='3'
    words: Word
      parts: ArithmeticExpansion
        arithmetic: Arithmetic
          parts: Parameter name='x'
          parts: Parameter name='y'

#### a parenthesis that is not arithmetic
echo $((a) | b); ((a); b)
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: CommandSubstitution
        body: Statement
          command: Pipeline both=(False, False)
            commands: Subshell
              body: Statement
                command: SimpleCommand
                  words: 'a'
            commands: SimpleCommand
              words: 'b'
body: Statement
  command: Subshell
    body: Statement
      command: Subshell
        body: Statement
          command: SimpleCommand
            words: 'a'
    body: Statement
      command: SimpleCommand
        words: 'b'

#### for of three parts
for ((i = 0; i < 3; i++)); do a; done
## tree:
body: Statement
  command: ForArithmetic
    init: Arithmetic
      parts: Literal text='i = 0'
      expression: AssignmentExpression operator='='
        target: Variable name='i'
        value: Number text='0'
    test: Arithmetic
      parts: Literal text=' i < 3'
      expression: Binary operator='<'
        left: Variable name='i'
        right: Number text='3'
    update: Arithmetic
      parts: Literal text=' i++'
      expression: Unary operator='++' postfix=True
        operand: Variable name='i'
    body: Statement
      command: SimpleCommand
        words: 'a'

#### for without words
for i; do a; done; for i in; do b; done
## tree:
body: Statement
  command: ForClause name='i'
    body: Statement
      command: SimpleCommand
        words: 'a'
body: Statement
  command: ForClause name='i'
    body: Statement
      command: SimpleCommand
        words: 'b'

#### assignments and arrays
a=1 b+=2 c[1 + 1]=3 d=(x [k]=y [l]+=z) e= cmd f=1
## tree:
body: Statement
  command: SimpleCommand
    assignments: Assignment name='a'
      value: '1'
    assignments: Assignment name='b' append=True
      value: '2'
    assignments: Assignment name='c'
      value: '3'
      subscript: Subscript
        word: '1 + 1'
    assignments: Assignment name='d'
      value: ArrayLiteral
        elements: ArrayElement
          value: 'x'
        elements: ArrayElement
          value: 'y'
          subscript: Subscript
            word: 'k'
        elements: ArrayElement append=True
          value: 'z'
          subscript: Subscript
            word: 'l'
    assignments: Assignment name='e'
    words: 'cmd'
    words: 'f=1'

#### a subscript without an assignment is a pattern
a[bc]d e
## tree:
body: Statement
  command: SimpleCommand
    words: 'a[bc]d'
    words: 'e'

#### a declaration takes arrays
declare -a x=(1 2) y
## tree:
body: Statement
  command: SimpleCommand
    words: 'declare'
    words: '-a'
    words: Assignment name='x'
      value: ArrayLiteral
        elements: ArrayElement
          value: '1'
        elements: ArrayElement
          value: '2'
    words: 'y'

#### case
case $x in (a|b) c ;; *) d ;& (esac) e ;;& if) esac
## tree:
body: Statement
  command: CaseClause
    word: Word
      parts: Parameter name='x'
    items: CaseItem
      patterns: 'a'
      patterns: 'b'
      body: Statement
        command: SimpleCommand
          words: 'c'
    items: CaseItem terminator=';&'
      patterns: '*'
      body: Statement
        command: SimpleCommand
          words: 'd'
    items: CaseItem terminator=';;&'
      patterns: 'esac'
      body: Statement
        command: SimpleCommand
          words: 'e'
    items: CaseItem
      patterns: 'if'

#### conditions
[[ -f x && ( a == b* || ! c =~ ^(d|e f)$ ) ]]
## tree:
body: Statement
  command: ConditionalCommand
    expression: ConditionLogical operator='&&'
      operands: ConditionUnary operator='-f'
        operand: 'x'
      operands: ConditionGroup
        operand: ConditionLogical operator='||'
          operands: ConditionBinary operator='=='
            left: 'a'
            right: 'b*'
          operands: ConditionNot
            operand: ConditionBinary operator='=~'
              left: 'c'
              right: '^(d|e f)$'

#### extended patterns
echo !(a|*.b) @(c@(d|e))
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: Word
      parts: ExtendedGlob kind='!'
        alternatives: 'a'
        alternatives: '*.b'
    words: Word
      parts: ExtendedGlob kind='@'
        alternatives: Word
          parts: Literal text='c'
          parts: ExtendedGlob kind='@'
            alternatives: 'd'
            alternatives: 'e'

#### reserved words as arguments
echo if then { } fi in
## tree:
body: Statement
  command: SimpleCommand
    words: 'echo'
    words: 'if'
    words: 'then'
    words: '{'
    words: '}'
    words: 'fi'
    words: 'in'

#### odd function names
a-b() { c; }
function d::e { f; } > g
## tree:
body: Statement
  command: FunctionDefinition name='a-b'
    body: BraceGroup
      body: Statement
        command: SimpleCommand
          words: 'c'
body: Statement
  command: FunctionDefinition name='d::e' keyword=True
    body: Redirected
      command: BraceGroup
        body: Statement
          command: SimpleCommand
            words: 'f'
      redirects: Redirect operator='>'
        target: 'g'

#### redirections
a 2>&1 <b >|c {fd}<>d &>e <<<"f g"
## tree:
body: Statement
  command: SimpleCommand
    words: 'a'
    redirects: Redirect operator='>&' fd=2
      target: '1'
    redirects: Redirect operator='<'
      target: 'b'
    redirects: Redirect operator='>|'
      target: 'c'
    redirects: Redirect operator='<>' variable='fd'
      target: 'd'
    redirects: Redirect operator='&>'
      target: 'e'
    redirects: Redirect operator='<<<'
      target: Word
        parts: DoubleQuoted
          parts: Literal text='f g'

#### coprocesses
coproc n { a; }
coproc b c
## tree:
body: Statement
  command: Coprocess name='n'
    command: BraceGroup
      body: Statement
        command: SimpleCommand
          words: 'a'
body: Statement
  command: Coprocess
    command: SimpleCommand
      words: 'b'
      words: 'c'

#### continuations inside of tokens
i\
f a; then echo "$\
x"; f\
i
## tree:
body: Statement
  command: IfClause
    branches: IfBranch
      condition: Statement
        command: SimpleCommand
          words: 'a'
      body: Statement
        command: SimpleCommand
          words: 'echo'
          words: Word
            parts: DoubleQuoted
              parts: Parameter name='x'

#### process substitution inside of a word
a=<(b) c<(d)>(e)
## tree:
body: Statement
  command: SimpleCommand
    assignments: Assignment name='a'
      value: Word
        parts: ProcessSubstitution direction='<'
          body: Statement
            command: SimpleCommand
              words: 'b'
    words: Word
      parts: Literal text='c'
      parts: ProcessSubstitution direction='<'
        body: Statement
          command: SimpleCommand
            words: 'd'
      parts: ProcessSubstitution direction='>'
        body: Statement
          command: SimpleCommand
            words: 'e'

#### select and a loop in braces
select x in a; { b; }
## tree:
body: Statement
  command: SelectClause name='x'
    words: 'a'
    body: Statement
      command: SimpleCommand
        words: 'b'

#### names after for
for in in in; do do=1; done
## tree:
body: Statement
  command: ForClause name='in'
    words: 'in'
    body: Statement
      command: SimpleCommand
        assignments: Assignment name='do'
          value: '1'
