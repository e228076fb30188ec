"""What the deployed parts may do, and nothing else: one policy document for the machine, one for its worker.

Names of resources stand as CloudFormation has them in `Fn::Sub` (`${Bucket}`), so the same document serves the template
and `policy.json`. A resource is `*` only for the eight actions of log delivery, which AWS allows for no narrower one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    Document = dict[str, object]

VERSION = "2012-10-17"
BUCKET = "arn:${AWS::Partition}:s3:::${Bucket}"
FUNCTION = "${Worker.Arn}"
WORKER_LOGS = "${WorkerLogs.Arn}"
MACHINE = "${Machine}"
PLACE = "${AWS::Region}:${AWS::AccountId}"
EXECUTIONS = f"arn:${{AWS::Partition}}:states:{PLACE}:execution:${{Machine.Name}}:*"
# `.sync:2` hears of the end of an execution by a rule that Step Functions itself makes, under this name.
RULE = f"arn:${{AWS::Partition}}:events:{PLACE}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)


class Objects(Record):
    """What a script may do to objects outside its own bucket.

    `bucket` is a name; `key` a key, or with `prefix` how keys begin ("": all of the bucket, only when a grant says so).
    """

    bucket: str
    key: str
    prefix: bool = False
    write: bool = False


def machine_policy() -> Document:
    """What the state machine may: invoke its worker, and deliver its log."""
    return _document(
        _allow("InvokeWorker", ("lambda:InvokeFunction",), (FUNCTION,)),
        _allow("DeliverLog", LOG_DELIVERY, ("*",)),
    )


def nested_policy() -> Document:
    """What it may besides when a long loop goes on in executions of the machine itself."""
    return _document(
        _allow("StartItself", ("states:StartExecution",), (MACHINE,)),
        _allow("FollowItself", ("states:DescribeExecution", "states:StopExecution"), (EXECUTIONS,)),
        _allow("HearOfItsEnd", ("events:PutTargets", "events:PutRule", "events:DescribeRule"), (RULE,)),
    )


def worker_policy(objects: Iterable[Objects] = ()) -> Document:
    """What a task may: objects of its own bucket, lines of its own log, and the objects that were granted."""
    statements = [
        _allow("OwnObjects", ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"), (f"{BUCKET}/*",)),
        _allow("OwnNames", ("s3:ListBucket",), (BUCKET,)),
        _allow("OwnLog", ("logs:CreateLogStream", "logs:PutLogEvents"), (WORKER_LOGS,)),
    ]
    known = sorted(set(objects), key=lambda one: (one.bucket, one.key, one.prefix, one.write))
    reads = [_arn(one) for one in known]  # what is written may be appended to
    writes = [_arn(one) for one in known if one.write]
    if reads:
        statements.append(_allow("GrantedObjects", ("s3:GetObject",), reads))
    if writes:
        statements.append(
            _allow("GrantedForWriting", ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"), writes)
        )
    for bucket in dict.fromkeys([one.bucket for one in known]):
        statements.append(_listing(bucket, [one for one in known if one.bucket == bucket], len(statements)))
    return _document(*statements)


def _listing(bucket: str, objects: list[Objects], number: int) -> Document:
    """Without it S3 answers 403 for an object that is not there, and `test -e` could not tell. (Nobody here could try
    whether S3 looks at the condition for that.)
    """
    prefixes = [_literal(one.key) + ("*" if one.prefix else "") for one in objects]
    statement = _allow(f"Names{number}", ("s3:ListBucket",), (f"arn:${{AWS::Partition}}:s3:::{bucket}",))
    return statement | {"Condition": {"StringLike": {"s3:prefix": list(dict.fromkeys(prefixes))}}}


def _arn(one: Objects) -> str:
    return f"arn:${{AWS::Partition}}:s3:::{one.bucket}/{_literal(one.key)}{'*' if one.prefix else ''}"


def _literal(key: str) -> str:
    """A key as a policy says it: its own `*`, `?` and `$` are policy variables, and `${` is CloudFormation's."""
    escaped = "".join([f"${{{c}}}" if c in "*?$" else c for c in key])
    return escaped.replace("${", "${!")  # `Fn::Sub` gives `${` back


def _allow(name: str, actions: Iterable[str], resources: Iterable[str]) -> Document:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _document(*statements: Document) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}
