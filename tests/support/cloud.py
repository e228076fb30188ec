"""A cloud on the test engine: what tests deploy and run there, with a guard for each false answer of the engine.

LocalStack takes definitions that Step Functions refuses, ends a Distributed Map whose children all failed as a
success, and counts no events. `Cloud.machine` therefore checks every definition first, and `Cloud.run` raises
`FalseAnswer` where AWS would have ended otherwise. Not emulated, so not tested by anything here: permissions, cold
starts, throttling, AWS's own build of JSONata.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from tests.support import validators

REGION = "us-east-1"
EVENTS = 25_000  # of one execution; one more ends it on AWS
NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")
SECONDS = 300
_numbers = itertools.count()


class Refused(Exception):
    """What Step Functions would refuse to create."""


class FalseAnswer(Exception):
    """The engine ended an execution otherwise than AWS would have."""


@dataclass(frozen=True)
class Ended:
    """How an execution ended: `status` as AWS names it; `output` from JSON; `events` that its history has."""

    status: str
    output: object
    error: str
    cause: str
    events: int


class Cloud:
    """Clients of an engine, and what tests make with them. Names are unique in the process and its machine."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def client(self, service: str) -> Any:
        """A client of a service: once only for each call, since making one takes 50 ms."""
        config = Config(
            inject_host_prefix=False,  # of StartSyncExecution: no such host here
            read_timeout=SECONDS,
            retries={"max_attempts": 0},
            s3={"addressing_style": "path"},
            max_pool_connections=50,
        )
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    @cached_property
    def s3(self) -> Any:
        """The client of S3."""
        return self.client("s3")

    @cached_property
    def functions(self) -> Any:
        """The client of Lambda."""
        return self.client("lambda")

    @cached_property
    def machines(self) -> Any:
        """The client of Step Functions."""
        return self.client("stepfunctions")

    @cached_property
    def role(self) -> str:
        """A role that may do anything here; nothing checks it."""
        services = {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]}
        statement = {"Effect": "Allow", "Principal": services, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return self.client("iam").create_role(RoleName=name("role"), AssumeRolePolicyDocument=policy)["Role"]["Arn"]

    def bucket(self) -> str:
        """A new bucket."""
        bucket = name("bucket").lower()
        self.s3.create_bucket(Bucket=bucket)
        return bucket

    def function(
        self, archive: bytes, handler: str, *, seconds: int = 60, environment: dict[str, str] | None = None
    ) -> str:
        """A new function from a zip archive; its name."""
        function = name("function")
        self.functions.create_function(
            FunctionName=function,
            Runtime="python3.13",
            Role=self.role,
            Handler=handler,
            Code={"ZipFile": archive},
            Timeout=seconds,
            MemorySize=1769,
            Environment={"Variables": environment or {}},
        )
        self.functions.get_waiter("function_active_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
        return function

    def machine(self, definition: dict[str, Any], machine: str = "") -> str:
        """A new state machine; its ARN. Raises Refused with what the static checks find: the engine takes anything."""
        machine = machine or name("machine")
        if not NAME.fullmatch(machine):
            raise Refused(f"no name for a state machine: {machine}")
        if found := validators.definition_findings(definition):
            raise Refused("\n".join(found))
        text = json.dumps(definition)
        return self.machines.create_state_machine(name=machine, roleArn=self.role, definition=text)["stateMachineArn"]

    def run(self, machine: str, value: object = None, execution: str = "") -> Ended:
        """Start an execution with an input and wait for its end. Raises FalseAnswer."""
        arn = self.machines.start_execution(
            stateMachineArn=machine, name=execution or name("run"), input=json.dumps(value if value is not None else {})
        )["executionArn"]
        end, pause = time.monotonic() + SECONDS, 0.005
        while (told := self.machines.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > end:
                self.machines.stop_execution(executionArn=arn)
                raise TimeoutError(f"{arn} still runs after {SECONDS} s")
            time.sleep(pause)
            pause = min(pause * 1.2, 0.05)
        ended = Ended(
            told["status"],
            json.loads(told["output"]) if told.get("output") else None,
            told.get("error", ""),
            told.get("cause", ""),
            self._events(arn),
        )
        self._guard(arn, ended)
        return ended

    def history(self, arn: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        pages = self.machines.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def _events(self, arn: str) -> int:
        last = self.machines.get_execution_history(executionArn=arn, maxResults=1, reverseOrder=True)["events"]
        return last[0]["id"] if last else 0

    def _guard(self, arn: str, ended: Ended) -> None:
        if ended.events > EVENTS:
            raise FalseAnswer(f"{arn}: {ended.events} events; AWS ends an execution at {EVENTS}")
        for run in self.machines.list_map_runs(executionArn=arn)["mapRuns"]:
            told = self.machines.describe_map_run(mapRunArn=run["mapRunArn"])
            failed, total = told["itemCounts"]["failed"], told["itemCounts"]["total"]
            allowed = max(told["toleratedFailureCount"], total * told["toleratedFailurePercentage"] / 100)
            if failed > allowed and ended.status == "SUCCEEDED":
                raise FalseAnswer(f"{arn}: {failed} of {total} children of a Distributed Map failed; AWS fails the run")


def name(what: str) -> str:
    """A name that nothing else has."""
    return f"msh-{what}-{os.getpid()}-{next(_numbers)}"
