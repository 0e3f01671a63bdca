"""What goes into a job's function and what comes out of it, as JSON."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, ValidationError, create_model
from pydantic_core import from_json, to_json

from sidecar_bridge.jobs._errors import InvalidArgumentsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar_bridge.jobs._job import Job

HIDDEN = b"**********"
"""What pydantic writes for a secret."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the jobs of a function are run."""

    queue: str
    priority: int
    resume: bool
    cancel_timeout_s: float
    notify: bool
    max_memory_bytes: int | None = None
    route: bool = True
    keep_awake: bool = False


class Shape:
    """A function of jobs: its arguments are a model, its result has a type."""

    def __init__(self, function: Callable[..., Any], name: str, options: Options) -> None:
        """Look at a function, whose first parameter is the `Job`; its types are read when they are first needed."""
        self.function: Callable[..., Any] = function
        self.name: str = name
        self.options: Options = options
        self.module: str = function.__module__
        self.qualname: str = function.__qualname__
        code = getattr(inspect.unwrap(function), "__code__", None)
        self.line: int | None = None if code is None else code.co_firstlineno
        self.signature: inspect.Signature = inspect.signature(function)
        parameters = list(self.signature.parameters.values())
        job, others = (parameters[0], parameters[1:]) if parameters else (None, [])
        if job is None or job.kind not in {job.POSITIONAL_ONLY, job.POSITIONAL_OR_KEYWORD}:
            msg = f"`{name}` takes no job; write `def {name}(job: Job, …)`"
            raise TypeError(msg)
        for each in others:
            if each.kind not in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}:
                msg = f"parameter `{each}` of job `{name}` has no name on the wire; give it one"
                raise TypeError(msg)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            msg = f"job `{name}` is a generator, which nobody iterates; write a function that returns, with `job.log`"
            raise TypeError(msg)
        self._job: inspect.Parameter = job
        self._parameters: list[inspect.Parameter] = others

    @cached_property
    def _hints(self) -> dict[str, Any]:
        # Nobody reads the type of the job, which may be imported for type checkers alone.
        annotations = {key: hint for key, hint in self.function.__annotations__.items() if key != self._job.name}
        described = SimpleNamespace(__annotations__=annotations)
        try:
            return get_type_hints(described, inspect.unwrap(self.function).__globals__, include_extras=True)
        except NameError as error:
            msg = f"a type of job `{self.name}` cannot be read: {error}; import it outside of `if TYPE_CHECKING:`"
            raise TypeError(msg) from error

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The arguments as a model. Its fields are numbered, for a parameter may be called as a method of models is."""
        fields: dict[str, Any] = {}
        for number, each in enumerate(self._parameters):
            default = ... if each.default is each.empty else each.default
            hint = self._hints.get(each.name, Any)
            if default is None:
                # `def train(job: Job, epochs: int = None)`, as people write it.
                hint = Union[hint, None]  # noqa: UP007 - of any form
            fields[f"field{number}"] = (hint, Field(default, alias=each.name))
        title = "".join(word.capitalize() for word in self.name.split("_"))
        # JSON has no NaN, but nobody else reads what is written here.
        # Defaults as well go to the worker as JSON, and have to be what they are said to be.
        config = ConfigDict(extra="forbid", ser_json_inf_nan="constants", validate_default=True)
        return create_model(f"{title}Arguments", __config__=config, **fields)

    @cached_property
    def result(self) -> TypeAdapter[Any]:
        """The type of the result."""
        try:
            # Else NaN is written as `null`, and nobody sees that it was lost.
            return TypeAdapter(self.result_type, config=ConfigDict(ser_json_inf_nan="constants"))
        except PydanticUserError:
            # A model has a configuration of its own.
            return TypeAdapter(self.result_type)

    @property
    def result_type(self) -> Any:
        """The type of the result, for other models."""
        return self._hints.get("return", Any)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        """Give the arguments of a call as JSON.

        Raises:
            InvalidArgumentsError: They are not those of the function.
        """
        try:
            bound = self.signature.bind(None, *args, **kwargs).arguments
        except TypeError as error:
            msg = f"job `{self.name}`: {error}"
            raise InvalidArgumentsError(msg) from None
        bound.pop(next(iter(bound)))
        return self.check(bound)

    def check(self, arguments: dict[str, Any] | BaseModel) -> bytes:
        """Give arguments by name as JSON.

        Raises:
            InvalidArgumentsError: They are not those of the function.
        """
        try:
            model = self.arguments.model_validate(arguments)
            encoded = model.model_dump_json(by_alias=True, round_trip=True).encode()
            if HIDDEN in encoded:
                self._refuse_hidden(model)
            return encoded
        except ValidationError as error:
            raise InvalidArgumentsError(self._told(error)) from None
        except ValueError as error:
            msg = f"job `{self.name}`: its arguments are not JSON: {error}"
            raise InvalidArgumentsError(msg) from error

    def values(self, arguments: bytes) -> dict[str, Any]:
        """Give the arguments of a call from JSON.

        Raises:
            InvalidArgumentsError: They are not those of the function: it is another version of it.
        """
        try:
            model = self.arguments.model_validate_json(arguments)
        except ValidationError as error:
            raise InvalidArgumentsError(self._told(error)) from None
        return {each.name: getattr(model, f"field{number}") for number, each in enumerate(self._parameters)}

    def encode(self, result: Any) -> bytes:
        """Give a result as JSON; `ValueError` when it is not of the function's type, or could not be read again."""
        checked = self.result.validate_python(result)
        encoded = self.result.dump_json(checked, warnings="error", by_alias=True)
        without_nan(encoded)
        try:
            self.result.validate_json(encoded)
        except ValidationError as error:
            # A model writes NaN as `null`, unless its configuration says otherwise.
            without_nan(to_json(self.result.dump_python(checked), inf_nan_mode="constants", fallback=str))
            msg = f"as JSON it is not of that type any more: {error}"
            raise ValueError(msg) from None
        return encoded

    def decode(self, result: Any) -> Any:
        """Give a result with its type, from what JSON has of it: a date is one again."""
        return self.result.validate_json(to_json(result))

    def _refuse_hidden(self, model: BaseModel) -> None:
        """Raise where a secret is in an argument, of which the function would get asterisks."""
        for name, value in model.model_dump(by_alias=True, round_trip=True).items():
            if _has_secret(value):
                msg = (
                    f"job `{self.name}`: argument `{name}` has a secret of pydantic's in it, which is not written "
                    "down; let the function fetch it, or give it as `str`, which the history keeps"
                )
                raise InvalidArgumentsError(msg)

    def _told(self, error: ValidationError) -> str:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # A default that is wrong is told by the field, all others by their alias.
        names = {f"field{number}": each.name for number, each in enumerate(self._parameters)}
        where = ".".join(str(part if n else names.get(str(part), part)) for n, part in enumerate(first["loc"]))
        return f"job `{self.name}`{f': argument `{where}`' if where else ''}: {first['msg']}"


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_secret, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_has_secret, value))
    return hasattr(value, "get_secret_value")


def without_nan(encoded: bytes) -> bytes:
    """Give JSON back; `ValueError` when it has NaN or infinity, which the page's JSON does not know."""
    if b"NaN" in encoded or b"Infinity" in encoded:
        try:
            from_json(encoded, allow_inf_nan=False)
        except ValueError:
            msg = "it has NaN or infinity, which JSON does not have; give `None` or a text in its place"
            raise ValueError(msg) from None
    return encoded


def call(function: Callable[..., Any], job: Job, values: dict[str, Any]) -> Any:
    """Run a job's function, in an event loop of its own if it is async."""
    found = function(job, **values)
    return asyncio.run(found) if inspect.iscoroutine(found) else found
