"""The CloudFormation template: everything a compiled script needs in an account, and the least that each part may do.

    Bucket        what tasks hand on; encrypted, private, objects go after `KeepDays`; it outlives the stack
    Worker        the function that runs tasks, from `worker.zip`
    Machine       the state machine
    roles, logs   one role and one log group each

The definition is in the template. CloudFormation replaces `${Name}` in it; so that nothing of the script's is taken for
such a name, every other `${` is written `\\u0024{`, which is the same to a JSON parser.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msh.aws.package import HANDLER
from msh.aws.policy import machine_policy, nested_policy, worker_policy
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from msh.aws.policy import Objects

    Json = dict[str, object]

#: What stands in the definition for what only the deployment knows, and its value there.
SUBSTITUTIONS: Mapping[str, Json] = {
    "Worker": {"Fn::GetAtt": ["Worker", "Arn"]},
    "Bucket": {"Ref": "Bucket"},
}
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
LARGEST = 1_000_000  # bytes: of a template that comes from a bucket, and of a state machine's definition


class Deployment(Record):
    """What the template says besides the definition. `code` is the zip's SHA-256; sizes in MB, time in seconds."""

    name: str  # of the script, for descriptions
    code: str
    memory: int
    disk: int
    seconds: int
    runtime: str
    architecture: str
    objects: tuple[Objects, ...] = ()
    nested: bool = False  # the machine starts itself


def template(definition: Mapping[str, object], deployment: Deployment) -> Json:
    """The whole template, as JSON values."""
    resources = {
        **_bucket(),
        "WorkerLogs": _logs("/aws/lambda/${AWS::StackName}"),
        "WorkerRole": _role("lambda.amazonaws.com", "Work", worker_policy(deployment.objects)),
        "Worker": _worker(deployment),
        "MachineLogs": _logs("/aws/vendedlogs/states/${AWS::StackName}"),
        "MachineRole": _role("states.amazonaws.com", "Run", machine_policy()),
        "Machine": _machine(definition, deployment),
    }
    if deployment.nested:  # by a resource of its own: the machine's role cannot name a machine that needs the role
        resources["MachineStartsItself"] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "StartItself",
                "Roles": [{"Ref": "MachineRole"}],
                "PolicyDocument": substituted(nested_policy()),
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The script {deployment.name}, compiled by msh",
        "Parameters": _parameters(deployment),
        "Resources": resources,
        "Outputs": _outputs(),
    }


def template_text(definition: Mapping[str, object], deployment: Deployment) -> bytes:
    """The template as a file holds it. Raises MshError (MSH339) when AWS would not take one of this size."""
    text = (json.dumps(template(definition, deployment), indent=1, ensure_ascii=False) + "\n").encode()
    if len(text) > LARGEST:
        message = f"its state machine is too large: the template has {len(text):,} bytes, and AWS takes {LARGEST:,}"
        raise MshError(Diagnostic("MSH339", message, help="make it several scripts"))
    return text


def definition_text(definition: Mapping[str, object]) -> str:
    """The definition as one JSON text in which `${` stands only before the names of `SUBSTITUTIONS`."""
    text = json.dumps(definition, separators=(",", ":"), ensure_ascii=False).replace("${", "\\u0024{")
    for name in SUBSTITUTIONS:
        text = text.replace(f'"\\u0024{{{name}}}"', f'"${{{name}}}"')
    return text


def substituted(value: object) -> object:
    """Values with every text that holds `${` under `Fn::Sub`."""
    if isinstance(value, dict):
        return {key: substituted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [substituted(item) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    plain = value.replace("${!", "")  # `${!` stands for `${`, and is no name
    return {"Fn::Sub": value} if "${" in plain else value.replace("${!", "${")


def _parameters(deployment: Deployment) -> Json:
    return {
        "CodeBucket": {"Type": "String", "Description": "A bucket of this region that holds the worker's zip"},
        "CodeKey": {
            "Type": "String",
            "Default": f"msh/{deployment.code}.zip",
            "Description": "Where worker.zip is in it",
        },
        "KeepDays": {
            "Type": "Number",
            "Default": 30,
            "MinValue": 2,
            "Description": "Days after which a run's objects go, and those of attempts that were given up",
        },
        "LogDays": {"Type": "Number", "Default": 30, "AllowedValues": list(LOG_DAYS), "Description": "Days of logs"},
    }


def _bucket() -> dict[str, Json]:
    properties: Json = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "RunsGo",
                    "Status": "Enabled",
                    "ExpirationInDays": {"Ref": "KeepDays"},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ]
        },
    }
    # What a script made is in it, and a bucket with objects cannot be deleted anyway.
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    everything = [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "${Bucket.Arn}/*"}]
    encrypted_only: Json = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": everything,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy: Json = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [encrypted_only]},
        },
        **kept,
    }
    return {"Bucket": {"Type": "AWS::S3::Bucket", **kept, "Properties": properties}, "BucketPolicy": policy}


def _logs(name: str) -> Json:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {"LogGroupName": {"Fn::Sub": name}, "RetentionInDays": {"Ref": "LogDays"}},
    }


def _role(service: str, name: str, document: Json) -> Json:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust,
            "Policies": [{"PolicyName": name, "PolicyDocument": substituted(document)}],
        },
    }


def _worker(deployment: Deployment) -> Json:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Description": f"Runs tasks of {deployment.name}",
            "Runtime": deployment.runtime,
            "Handler": HANDLER,
            "Architectures": [deployment.architecture],
            "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
            "Role": {"Fn::GetAtt": ["WorkerRole", "Arn"]},
            "MemorySize": deployment.memory,
            "Timeout": deployment.seconds,
            "EphemeralStorage": {"Size": deployment.disk},
            "LoggingConfig": {"LogGroup": {"Ref": "WorkerLogs"}},
            "Environment": {"Variables": {"MSH_WORKER_MACHINE": "own"}},  # `/tmp` is the worker's alone
        },
    }


def _machine(definition: Mapping[str, object], deployment: Deployment) -> Json:
    """Errors are logged without the data of the execution, which may hold what a script keeps to itself."""
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineType": "STANDARD",
            "RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]},
            "DefinitionString": definition_text(definition),
            "DefinitionSubstitutions": dict(SUBSTITUTIONS),
            "LoggingConfiguration": {
                "Level": "ERROR",
                "IncludeExecutionData": False,
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["MachineLogs", "Arn"]}}}],
            },
        },
    }


def _outputs() -> Json:
    return {
        "Machine": {"Description": "What to start", "Value": {"Ref": "Machine"}},
        "Bucket": {"Description": "Where its data is", "Value": {"Ref": "Bucket"}},
        "Worker": {"Description": "What runs its tasks", "Value": {"Ref": "Worker"}},
    }


def policies(objects: Iterable[Objects], *, nested: bool) -> Json:
    """`policy.json`: the same documents on their own, names as `Fn::Sub` has them."""
    found: Json = {"machine": [machine_policy()], "worker": [worker_policy(objects)]}
    if nested:
        found["machine"] = [machine_policy(), nested_policy()]
    return found
