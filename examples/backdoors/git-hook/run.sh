# Commit with a repository's own hooks, as its README asks.
set -e
git init -q .
git config core.hooksPath hooks
git add notes.txt
git -c user.name=me -c user.email=me@example.org commit -q -m 'Add notes'
git log --format=%s
