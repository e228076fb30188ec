"""What one step may do, independent of the backend that enforces it."""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.objects import ObjectUse


class Mount(Record):
    """A host path made visible in a step's view of the file system at `target`.

    An empty `source` is an empty directory that only this step sees: a place to put other mounts in, or scratch when
    it is writable. `source` is a real path: no component of it is a symbolic link, and a backend must not follow one
    that appears there later.
    """

    source: str
    target: str
    writable: bool = False


class Link(Record):
    """A symbolic link in a step's view, so that names resolve there as they do for the script."""

    path: str
    target: str


class Limits(Record):
    """Upper bounds of one step; None means none. The names are those of `msh.limits.KINDS`, which says what each is."""

    memory: int | None = None  # bytes, all its processes together
    cpu: float | None = None  # seconds, all its processes together
    pids: int | None = None
    files: int | None = None  # open descriptors of each process
    output: int | None = None  # bytes on standard output and standard error
    cpus: float | None = None  # processors at a time
    time: float | None = None  # seconds from start to end
    disk: int | None = None  # bytes of each file that it writes
    throughput: int | None = None  # bytes a second


NO_LIMITS = Limits()


class Policy(Record):
    """The least a step needs. What is not said is denied."""

    argv: tuple[str, ...]  # argv[0] is the name the script used
    program: str  # path of the executable in the step's view; for images, the command in the image
    environment: tuple[tuple[str, str], ...]
    directory: str  # working directory, in the step's view; it always exists there
    mounts: tuple[Mount, ...] = ()  # on top of the base view, in the order in which they are made
    links: tuple[Link, ...] = ()
    directories: tuple[str, ...] = ()  # empty directories that exist besides
    modes: tuple[tuple[str, int], ...] = ()  # permissions of those of them that have not the usual ones
    network: bool = False
    limits: Limits = NO_LIMITS
    image: str = ""  # docker only
    created: tuple[str, ...] = ()  # host paths of files made for this step: removed when it fails and left them empty
    objects: tuple[ObjectUse, ...] = ()  # shown below `s3:` of the working directory while the step runs
    asks: bool = False  # a file that is missing in its view and there on the host is asked for, one at a time
    connects: bool = False  # its connections are asked for, one by one; it has no network of its own
    proxy: str = ""  # with `connects`: URL of the proxy that all its connections go through
    outlet: bool = False  # with `connects`: a proxy of msh's own stands in its sandbox
    named: tuple[tuple[str, str], ...] = ()  # paths outside the grants that its words name: (path, kind of access)
    hollow: tuple[str, ...] = ()  # of `directories` those that are there to be entered, on the way to what is `named`
    executables: tuple[str, ...] = ()  # the only programs in its view; empty: all of the base view
    notes: tuple[str, ...] = ()  # where the grant is wider than the command line says, for `--grants`


class Usage(Record):
    """What a step used, as far as it is known."""

    memory: int | None = None  # bytes, at most
    cpu: float | None = None  # seconds
    wall: float | None = None  # seconds


class Outcome(Record):
    """How a step ended, never by its number alone."""

    kind: str  # exit | signal | timeout | oom | cpu | pids | disk | output | denied | invalid
    status: int  # as the shell's $?
    detail: str = ""
    usage: Usage | None = None
    tier: str = ""  # what held the limits: cgroup2 | cgroup1 | rlimits; empty when there were none
