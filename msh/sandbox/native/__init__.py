"""native: the same isolation as bubblewrap's, made by msh itself; sandboxes are ready before they are asked for.

system     system calls by ctypes
tree       the file tree of a sandbox
inside     the processes in it
server     the fork server that makes and fills them
backend    what the rest of msh sees of it
"""
