"""What a task is asked, and how its answer is read: the payload of the worker (`worker.py`).

A request names what to run by offsets into the script's text, which the worker has; so no text of a script is in it,
but for the values of a `for` that stand in the script.
"""

from __future__ import annotations

from msh.aws.asl import Code, Retrier, Substitution
from msh.aws.literals import is_unicode
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.aws.asl import Value
    from msh.plan.model import Region, Span

INVOKE = "arn:aws:states:::lambda:invoke"
VERSION = 1

#: Failures of what carries a task, not of the script: a command's own status is never among them.
RETRY = Retrier(
    errors=(
        *("Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"),
        *("Lambda.TooManyRequestsException", "Lambda.Unknown", "MshTransient"),  # the last is the worker's own
        *("Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"),
    ),
    attempts=5,
    interval=1,
    backoff=2.0,
)


class Target(Record):
    """Where a machine's tasks run. `seconds`: the longest that one attempt may take."""

    function: Value = Substitution("Worker")
    bucket: Value = Substitution("Bucket")
    seconds: int = 900


class Situation(Record):
    """Where a region begins: the reference to all that has happened, `$?`, and the variables that it uses.

    `first`: nothing may have run yet, so that the worker needs what the execution was started with.
    """

    state: Value
    status: Value
    variables: Mapping[str, Value]
    first: bool


def request(
    region: Region, script: str, target: Target, situation: Situation, returns: tuple[str, ...], turns: str = ""
) -> dict[str, Value]:
    """The arguments of the Task of a region; `turns` is an expression for the descriptor of its turns."""
    return {"FunctionName": target.function, "Payload": _payload(region, script, target, situation, returns, turns)}


def _payload(
    region: Region, script: str, target: Target, situation: Situation, returns: tuple[str, ...], turns: str
) -> dict[str, Value]:
    payload: dict[str, Value] = {
        "version": VERSION,
        "run": Code("$states.context.Execution.Name"),
        "bucket": target.bucket,
        "script": script,
        "region": region.name,
        "at": Code(f"[{', '.join([f'[{span.start}, {span.end}]' for span in region.runs])}]"),
        "guarded": region.guarded,
    }
    if region.ahead:
        payload["ahead"] = region.ahead
    if region.turns and region.subject:
        place = f'{{"at": [{region.subject.start}, {region.subject.end}]}}'
        payload["turns"] = Code(f"$merge([{place}, {turns}])")
    if region.decides and region.subject:
        payload["decide"] = {"kind": region.decides, "at": _place(region.subject)}
    payload |= {"state": situation.state, "status": situation.status, "variables": situation.variables}
    payload |= {"returns": list(returns), "files": _files(region)}
    if situation.first:
        payload["input"] = Code("$states.context.Execution.Input")
    return payload


def ending(region: Region, script: str, target: Target, situation: Situation) -> dict[str, Value]:
    """The arguments of the Task that runs the EXIT trap."""
    payload = _payload(region.replace(runs=()), script, target, situation, (), "")
    return {"FunctionName": target.function, "Payload": payload | {"exit": {"status": situation.status}}}


def answer(field: str) -> Code:
    """A field of what a task has returned."""
    return Code(f"$states.result.Payload.{field}")


def decided(field: str, otherwise: str) -> Code:
    """A field that is missing when the script has ended before it was decided."""
    value = answer(field).text
    return Code(f"$exists({value}) ? {value} : {otherwise}")


def _files(region: Region) -> Value:
    """The paths to bring; all there are where one is no Unicode text, which a definition cannot hold."""
    if region.files is None or not all(is_unicode(path) for path in region.files):
        return None
    return list(region.files)


def _place(span: Span) -> Value:
    return [span.start, span.end]
