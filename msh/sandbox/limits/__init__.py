"""Upper bounds of steps and runs: who can hold them here, how they are held, and what an end was.

tiers     which of cgroup v2, cgroup v1 and rlimits this process has, and where each falls short
demands   a demand that the host cannot meet is refused
groups    the cgroups of a run and of its steps
fence     one step under its limits: joined and bounded before its program begins, judged at its end
keeper    the process around a run that has limits: it measures, ends what goes beyond, tidies up
held      limits that are set while a sandbox waits to begin
clock     what goes on in time: deadlines and processor time, of steps and of the run
meter     counts what is written to standard output and error
scratch   a private /tmp of a fixed size
verdict   the end of a step from all that is known, and its words
"""

from __future__ import annotations
