"""native: the same isolation as bubblewrap's, made by msh itself; sandboxes are ready before they are asked for.

system     system calls by ctypes
tree       the file tree of a sandbox
first      the program of its first process
inside     what is done in it, before the step begins
maker      the process that makes them ahead
server     the fork server that fills them
backend    what the rest of msh sees of it
"""
