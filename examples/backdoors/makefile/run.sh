# Build a project.
make -s
