"""Names of errors in LocalStack: one of `States.*` that leaves a branch or a Map's turn keeps its name.

LocalStack takes it for the name of a Fail state's error, which may not begin so, and ends the whole execution with
`States.Runtime`, which nothing can catch.
"""

from __future__ import annotations

from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import CustomErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.error_name import ErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import iteration_worker
from localstack.services.stepfunctions.asl.component.state.state_execution.state_parallel import branches_decl


def named(error_name: str | None) -> ErrorName:
    """The name of an error that leaves a branch, of the kind it has."""
    if error_name is not None and error_name.startswith("States."):
        return StatesErrorName.from_name(error_name)
    return CustomErrorName(error_name)


def install() -> None:
    """Put it in the place of LocalStack's."""
    iteration_worker.CustomErrorName = named
    branches_decl.CustomErrorName = named
