"""JSONata in LocalStack, evaluated by the package jsonata-python with the functions that Step Functions adds.

LocalStack writes each variable into the text of the expression, a string between bare quotes, and gives the whole to a
JVM. Here values are bound, never written: no content of a variable can change what an expression means. Its `$hash` and
`$uuid` return an apology as if it were the result, its `$partition` adds an empty part, and what an expression does
wrong ends as `States.Runtime`, which nothing can catch.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Mapping

from jsonata import JException, Jsonata
from jsonata.utils import Utils
from localstack.aws.api.stepfunctions import EvaluationFailedEventDetails, HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringJSONata
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class ExpressionError(Exception):
    """What an expression does wrong, in words."""


def evaluate(text: str, values: Mapping[str, object]) -> object:
    """The value of an expression with `$name` for each of `values`; JSON in and out. Raises ExpressionError."""
    try:
        expression = Jsonata(text)
        expression.set_output_convert_nulls(False)
        for name, function in FUNCTIONS.items():
            expression.register_lambda(name, function)
        result = expression.evaluate(None, {name: _nulls(value) for name, value in values.items()})
    except (JException, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ExpressionError(f"the JSONata expression {text!r}: {error}") from error
    if result is None:
        raise ExpressionError(f"The JSONata expression '{text}' returned nothing (undefined).")
    return _json(Utils.convert_nulls(result), text)


def _nulls(value: object) -> object:
    """JSON with null as jsonata-python has it: its None is undefined."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {name: _nulls(item) for name, item in value.items()}
    return [_nulls(item) for item in value] if isinstance(value, list) else value


def _json(value: object, text: str) -> object:
    """Plain JSON; there is one kind of number in JSONata, and a whole one is written without a point."""
    if isinstance(value, dict):
        return {name: _json(item, text) for name, item in value.items()}
    if isinstance(value, list):
        return [_json(item, text) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ExpressionError(f"The JSONata expression '{text}' returned an unsupported result type.")


def _partition(items: list[object] | None, size: float | None = None) -> list[list[object]] | None:
    if items is None or size is None:
        return None if items is None else [items]
    if size < 0:
        raise ValueError("D3137: Second argument must be zero or greater")
    whole = int(size)
    return [items[start : start + whole] for start in range(0, len(items), whole)] or None if whole else None


def _range(first: float, last: float, step: float) -> list[int] | int | None:
    if int(step) == 0:
        return None
    numbers = list(range(int(first), int(last) + (1 if step > 0 else -1), int(step)))
    return numbers if len(numbers) > 1 else (numbers[0] if numbers else None)


def _hash(text: str | None, algorithm: str | None = None) -> str | None:
    if text is None or algorithm is None:
        return None
    if algorithm not in ALGORITHMS:
        raise ValueError(f"D3137: Hash algorithm '{algorithm}' must be one of {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[algorithm], text.encode()).hexdigest()


def _random(*seed: float) -> float:
    return random.Random(*seed).random()


def _parse(text: str | None) -> object:
    return None if text is None else _nulls(json.loads(text))


FUNCTIONS = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": _parse,
}


def install() -> None:
    """Put this evaluation in the place of LocalStack's."""
    StringJSONata._eval_body = _evaluate_component


def _evaluate_component(self: StringJSONata, env: Environment) -> None:
    states = {name: value for name, value in env.states._states_data.items() if name != "errorOutput" or value}
    store = env.variable_store
    try:
        value = evaluate(self.expression, {**store._outer_scope, **store._inner_scope, "states": states})
    except ExpressionError as error:
        raise FailureEventException(_failure(env, str(error))) from error
    env.stack.append(value)


def _failure(env: Environment, cause: str) -> FailureEvent:
    """The failure as a state can catch it, and in the history."""
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = EvaluationFailedEventDetails(cause=cause, error=name.error_name)
    failure = FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.EvaluationFailed,
        event_details=EventDetails(evaluationFailedEventDetails=details),
    )
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.EvaluationFailed,
        event_details=EventDetails(
            evaluationFailedEventDetails=FailureEventException(failure).get_evaluation_failed_event_details()
        ),
    )
    return failure
