"""The routes of jobs. The annotations of routes are values here, made of the functions' own types."""

from collections.abc import AsyncIterable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Literal, Union, cast
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, PlainSerializer, ValidationError, create_model
from pydantic_core import from_json

from sidecar_bridge.jobs._checks import LARGEST
from sidecar_bridge.jobs._dispatcher import Dispatcher
from sidecar_bridge.jobs._errors import JobsError, NotOpenError, UnknownJobError
from sidecar_bridge.jobs._function import JobFunction, follow, follow_all
from sidecar_bridge.jobs._records import AnyRecord, Failure, JobRecord, JobsUpdate, JobUpdate, State

try:
    from fastapi.sse import EventSourceResponse
except ImportError as error:
    msg = "FastAPI 0.135 or newer is needed for the events of jobs; run: pip install 'tauri-sidecar-bridge[jobs]'"
    raise ImportError(msg) from error

STATUSES = {
    "invalid_argument": 422,
    "not_found": 404,
    "unavailable": 503,
    "failed_precondition": 412,
    "internal": 500,
    "cancelled": 499,
}


class JobProblem(BaseModel):
    """What went wrong, as RFC 9457 has it: the bridge's shape."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    code: str
    retryable: bool


def _problem(code: str, detail: str, *, retryable: bool = False) -> JSONResponse:
    problem = JobProblem(
        title=code.replace("_", " "),
        status=STATUSES[code],
        detail=detail,
        instance=f"urn:uuid:{uuid4()}",
        code=code,
        retryable=retryable,
    )
    return JSONResponse(problem.model_dump(), STATUSES[code], media_type="application/problem+json")


class _Route(APIRoute):
    """A route whose errors are problems, without a handler in the app."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_with_problems(request: Request) -> Response:
            try:
                return await handle(request)
            except JobsError as error:
                return _problem(error.code, str(error), retryable=error.retryable)
            except RequestValidationError as error:
                first = error.errors()[0]
                return _problem("invalid_argument", f"{'.'.join(map(str, first['loc']))}: {first['msg']}")

        return handle_with_problems


def router_of(
    functions: Mapping[str, JobFunction[Any, Any, Any]],
    dispatcher: Callable[[], Dispatcher],
    lifespan: Callable[[Any], AbstractAsyncContextManager[None]],
) -> APIRouter:
    """Make the routes for these functions."""
    problems: dict[int | str, dict[str, Any]] = {
        status: {"model": JobProblem, "content": {"application/problem+json": {}}} for status in (404, 412, 422, 503)
    }
    router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=_Route, lifespan=lifespan, responses=problems)
    models = {name: _model_of(function) for name, function in functions.items()}
    for name, function in functions.items():
        if function.shape.options.route:
            _add_submit(router, name, function, models[name])
    any_job: Any = Union[tuple(models.values())] if models else JobRecord[Any]  # noqa: UP007 - of a tuple
    if len(models) > 1:
        any_job = Annotated[any_job, Field(discriminator="name")]

    # Named, for a name of pydantic's would have those of all functions in it, and be another one with each function.
    update: Any = create_model("AnyJobUpdate", __base__=JobUpdate[Any], job=(any_job, ...))
    list_update: Any = create_model("AnyJobsUpdate", __base__=JobsUpdate[Any], jobs=(list[any_job], ...))

    def shown(record: AnyRecord) -> Any:
        model = models.get(record.name)
        if model is None:
            msg = f"job {record.id} is of `{record.name}`, which this sidecar does not have"
            raise UnknownJobError(msg)
        return _shown(record, model)

    def existing(id: str) -> AnyRecord:
        return dispatcher().get(id)

    @router.get("", response_model=list[any_job], name="list_jobs")
    def list_jobs(
        name: Annotated[str | None, Query(description="Only those of that function.")] = None,
        state: Annotated[State | None, Query(description="Only those in that state.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        before: Annotated[str | None, Query(description="Only those older than the job with that id.")] = None,
    ) -> Any:
        """Give the jobs, the newest first."""
        found = dispatcher().newest(name=name, state=state, limit=limit, before=before)
        return [shown(record) for record in found if record.name in models]

    @router.get("/events", response_class=EventSourceResponse, name="follow_jobs")
    async def follow_jobs(
        name: Annotated[str | None, Query(description="Only those of that function.")] = None,
        state: Annotated[State | None, Query(description="Only those in that state.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> AsyncIterable[list_update]:
        """Give the ids of the newest jobs at each change of one of them, and those jobs that are not as before."""
        try:
            async for ids, news in follow_all(dispatcher(), name=name, state=state, limit=limit):
                yield list_update(ids=ids, jobs=[shown(record) for record in news if record.name in models])
        except NotOpenError:
            # The sidecar stops. The page asks again, and hears from the next one.
            return

    @router.get("/{id}", response_model=any_job, name="get_job")
    def get_job(record: Annotated[AnyRecord, Depends(existing)]) -> Any:
        """Give a job as it is now."""
        return shown(record)

    @router.get("/{id}/events", response_class=EventSourceResponse, name="follow_job")
    async def follow_job(
        record: Annotated[AnyRecord, Depends(existing)],
        after: Annotated[int, Query(ge=0, le=LARGEST, description="Only lines of the log behind this one.")] = 0,
    ) -> AsyncIterable[update]:
        """Give a job at each change until it has ended, and the lines that it logs."""
        shown(record)
        try:
            async for found in follow(dispatcher(), record.id, after):
                yield update(job=shown(found.job), logs=found.logs)
        except NotOpenError:
            # The sidecar stops. The page asks again, and hears from the next one what became of the job.
            return

    @router.delete("/{id}", response_model=any_job, status_code=202, name="cancel_job")
    def cancel_job(id: str) -> Any:
        """Let a job stop: one that waits at once, one that runs as soon as it listens."""
        return shown(dispatcher().cancel(id))

    @router.post("/{name}", include_in_schema=False)
    def submit_unknown(name: str) -> Any:
        """Say that no route submits it. There are routes for what is read under such a path, so it would be a 405."""
        late = functions.get(name)
        if name not in models and late is not None and late.shape.options.route:
            msg = f"job `{name}` has no route, for it was defined after `jobs.router`; include the router behind it"
            raise UnknownJobError(msg)
        others = ", ".join(f"`{each}`" for each in models if functions[each].shape.options.route)
        msg = f"no route submits a job `{name}`; " + (f"there are {others}" if others else "there is none that does")
        raise UnknownJobError(msg)

    @router.post("/{id}/retry", response_model=any_job, status_code=202, name="retry_job")
    def retry_job(id: str) -> Any:
        """Queue a job again that has failed, or was cancelled or interrupted."""
        return shown(dispatcher().retry(id))

    return router


def _add_submit(router: APIRouter, name: str, function: JobFunction[Any, Any, Any], model: Any) -> None:
    arguments_model: Any = function.shape.arguments
    # Without parameters, or with defaults for all, nothing need be sent.
    default: Any = ... if any(each.is_required() for each in arguments_model.model_fields.values()) else None

    def submit(
        arguments: Annotated[arguments_model, Body()] = default,
        # An empty one would make all requests that have an empty one the same job.
        idempotency_key: Annotated[
            str | None, Header(min_length=1, description="A second request with it is the same job.")
        ] = None,
    ) -> Any:
        checked = function.shape.check(arguments or arguments_model())
        return _shown(function._accept(checked, idempotency_key).get(), model)

    router.add_api_route(
        f"/{name}",
        submit,
        methods=["POST"],
        status_code=202,
        response_model=model,
        name=f"submit_{name}",
        summary=name.replace("_", " ").capitalize(),
        description=function.__doc__ or "",
    )


def _model_of(function: JobFunction[Any, Any, Any]) -> type[JobRecord[Any]]:
    shape = function.shape
    title = "".join(word.capitalize() for word in shape.name.split("_"))
    record: Any = JobRecord
    name: Any = Literal[shape.name]
    base = record[shape.result_type]
    # In a union pydantic forgets how a model writes NaN. A function without annotations leaves OpenAPI as it was.
    written = PlainSerializer(
        lambda result: None if result is None else from_json(shape.result.dump_json(result, by_alias=True)),
        when_used="json",
    )
    result: Any = (Annotated[base.model_fields["result"].annotation, written], None)
    made: Any = create_model(f"{title}Job", __base__=base, name=(name, shape.name), result=result)
    return cast("type[JobRecord[Any]]", made)


def _shown(record: AnyRecord, model: type[JobRecord[Any]]) -> JobRecord[Any]:
    """Give a job with its type."""
    known = dict(record)
    try:
        return model.model_validate(known)
    except ValidationError:
        detail = "another version of the function has returned it, and its type was another one"
        return model.model_validate({**known, "result": None, "failure": Failure(code="invalid_result", detail=detail)})
