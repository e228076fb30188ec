"""Whoever is asked when a step wants more than it was granted: a process of its own, the only one that asks the user.

    client      in msh and its subshells: makes the broker, asks it, tells it of steps (`Broker`)
    server      the broker's loop: one thread, one question at a time
    kernel      system calls that wait for an answer (seccomp_unotify(2)): read, answered, given a descriptor
    filter      which calls of a step wait
    files       what a step opens and looks at by name
    connections, datagrams, names, listening
                what a step connects and sends to, looks up, and offers itself, out of an empty network namespace
    ways, lookups, nameserver
                connections of the host on their way, names looked up on the host, and the servers that steps ask
    outlet, requests, tunnels
                a proxy of msh's own inside a step, a process for itself; `outlets` is the broker's side of it
    loop, relay what happens to descriptors, bytes carried between two
    questions   what is asked, in the words that the user sees, and what an answer means
    answers     what was answered, and the rules that answer beforehand
    prompt      asking: on the terminal, or by lines of standard input

The wall is the step's own namespaces. The broker only widens: it hands a step a descriptor of the one object that the
user was shown. Letting a call go on means that the wall decides, so it is never the answer to what was judged.
"""
