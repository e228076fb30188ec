"""The fork server: the one process that starts steps, so that all of them end when msh does.

    request     what to start, and what is said about it: values and how they travel
    client      in msh and its subshells: makes the server, asks it, and waits (`Launcher`, `LaunchedProcess`)
    server      the loop of the server
    spawn       a process that runs a part of ours before its program
    child       what that is for a step with limits, control groups or a filter that asks

msh and all its subshells hold one socket to the server. A request carries a control socket of its own: on it the server
says how the start and the end went, and hears which signals are wanted. When the other end of a control socket is gone,
so is the shell that waited, and the step is ended; when all ends of the server's own socket are gone, msh is, and every
process below the server is ended, also one that had only just been made.
"""
