# Run the tests of a project before merging its pull request.
python3 -m unittest -q test_total
