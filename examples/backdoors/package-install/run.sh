# Build a package that somebody recommended.
set -e
python3 setup.py --version
