"""The routes of jobs, as the page asks for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from job_work import LIMIT_S, add_to
from openapi_spec_validator import validate
from pydantic import BaseModel, ConfigDict, create_model

from sidecar_bridge.jobs import Jobs

pytest_plugins = ["job_fixtures"]

Wait = Callable[[Callable[[], object]], None]


def app_with(jobs: Jobs) -> FastAPI:
    app = FastAPI()
    app.include_router(jobs.router, prefix="/api")
    return app


@asynccontextmanager
async def asking(jobs: Jobs) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the routes in their lifespan."""
    app = app_with(jobs)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidecar/api") as client,
    ):
        yield client


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with asking(add_to(Jobs(executor=lambda: ThreadPoolExecutor(2)))) as client:
        yield client


async def updates(client: httpx.AsyncClient, id: str, after: int = 0) -> list[Any]:  # noqa: A002
    """Give all updates of a job until it has ended."""
    return await lines_of(client, f"/jobs/{id}/events?after={after}")


async def lines_of(client: httpx.AsyncClient, path: str) -> list[Any]:
    """Give all events of a stream."""
    found = []
    async with client.stream("GET", path) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))  # noqa: PERF401 - async
    return found


async def test_a_job_is_submitted_and_followed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/jobs/train", json={"epochs": 3})
    job = answer.json()
    assert (answer.status_code, job["name"], job["attempt"]) == (202, "train", 0)
    seen = await updates(client, job["id"])
    last = seen[-1]["job"]
    assert (last["state"], last["result"]) == ("done", {"name": "a", "trained": "2024-12-31"})
    assert last["progress"] == {**last["progress"], "fraction": 1, "restMs": 0}
    lines = [line for update in seen for line in update["logs"]]
    assert [(line["n"], line["text"]) for line in lines] == [(1, "epoch 0"), (2, "epoch 1"), (3, "epoch 2")]
    assert (await client.get(f"/jobs/{job['id']}")).json() == last


async def test_a_page_that_loads_again_goes_on_behind_the_lines_that_it_has(client: httpx.AsyncClient) -> None:
    id_ = (await client.post("/jobs/train", json={"epochs": 3})).json()["id"]
    await updates(client, id_)
    (update,) = await updates(client, id_, after=2)
    assert [line["n"] for line in update["logs"]] == [3]


async def test_jobs_are_listed_newest_first(client: httpx.AsyncClient) -> None:
    ids = [(await client.post("/jobs/double", json={"n": n})).json()["id"] for n in range(3)]
    ids.append((await client.post("/jobs/greet", json={"name": "Ada"})).json()["id"])
    for id_ in ids:
        await updates(client, id_)

    async def listed(**query: Any) -> list[str]:
        return [job["id"] for job in (await client.get("/jobs", params=query)).json()]

    assert await listed() == ids[::-1]
    assert await listed(limit=2) == ids[:1:-1]
    assert await listed(before=ids[1]) == ids[:1]
    assert await listed(name="greet", state="done") == ids[3:]
    assert await listed(state="queued") == []


async def test_all_jobs_are_one_stream_of_what_changed(wait_until: Wait) -> None:
    """From the first, also without jobs; then only what is not as before. httpx gives a stream at its end alone, so the
    jobs are closed, as at the end of the sidecar."""
    jobs = add_to(Jobs(executor=lambda: ThreadPoolExecutor(2)))
    async with asking(jobs) as client:
        following = asyncio.create_task(lines_of(client, "/jobs/events?name=double"))
        await asyncio.to_thread(wait_until, lambda: jobs._core._runner.watches)
        ids = []
        for n in range(3):
            ids.append((await client.post("/jobs/double", json={"n": n})).json()["id"])
            (await client.post("/jobs/greet", json={"name": "Ada"})).raise_for_status()
            await updates(client, ids[-1])
        await asyncio.to_thread(jobs.close)
        seen = await asyncio.wait_for(following, LIMIT_S)
    assert seen[0] == {"ids": [], "jobs": []}
    known: dict[str, Any] = {}
    for update in seen[1:]:
        assert all(known.get(job["id"]) != job for job in update["jobs"])
        known |= {job["id"]: job for job in update["jobs"]}
        assert set(update["ids"]) <= known.keys()
    assert set(known) <= set(ids)


async def test_a_label_tells_a_job_from_others(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with add_to(Jobs(path, executor=lambda: ThreadPoolExecutor(1))) as jobs:
        jobs._functions["double"].having(label="the first \udcff").submit(1).result(LIMIT_S)
        jobs._functions["double"].submit(1).result(LIMIT_S)
    async with asking(add_to(Jobs(path))) as client:
        assert [job["label"] for job in (await client.get("/jobs")).json()] == ["", "the first \\udcff"]


async def test_a_function_without_a_route_is_only_python_s_to_submit() -> None:
    jobs = Jobs(executor=lambda: ThreadPoolExecutor(1))
    double = jobs.job(name="double", route=False)(add_to(Jobs())._functions["double"].__wrapped__)  # type: ignore[attr-defined]
    async with asking(jobs) as client:
        assert problem(await client.post("/jobs/double", json={"n": 1})) == (404, "not_found")
        job = double.submit(1)
        assert (await updates(client, job.id))[-1]["job"]["result"] == 2


async def test_a_function_that_has_no_route_is_not_found() -> None:
    """FastAPI itself would say that the method is not allowed, for a job of that id might be read."""
    jobs = Jobs()

    @jobs.job
    def early(_job: Any) -> int:
        return 1

    app = app_with(jobs)

    @jobs.job
    def late(_job: Any) -> int:
        return 2

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidecar/api") as client:
        answers = [await client.post(f"/jobs/{name}") for name in ("erly", "late")]
    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 2
    assert answers[0].json()["detail"] == "no route submits a job `erly`; there are `early`"
    assert "defined after `jobs.router`" in answers[1].json()["detail"]


async def test_a_job_is_cancelled(client: httpx.AsyncClient, begun: str) -> None:
    id_ = (await client.post("/jobs/listen", json={"begun": begun})).json()["id"]
    answer = await client.delete(f"/jobs/{id_}")
    assert answer.status_code == 202
    assert answer.json()["state"] in {"cancelling", "cancelled"}
    assert (await updates(client, id_))[-1]["job"]["state"] == "cancelled"
    assert problem(await client.delete(f"/jobs/{id_}")) == (412, "failed_precondition")
    assert (await client.post(f"/jobs/{id_}/retry")).json()["state"] in {"queued", "running"}


async def test_values_that_the_database_does_not_know_are_refused(client: httpx.AsyncClient) -> None:
    empty = await client.post("/jobs/double", json={"n": 1}, headers={"Idempotency-Key": ""})
    job = (await client.post("/jobs/double", json={"n": 1})).json()
    behind = await client.get(f"/jobs/{job['id']}/events?after={2**63}")
    for answer in (empty, behind):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_argument")


async def test_one_idempotency_key_is_one_job(client: httpx.AsyncClient) -> None:
    async def submit(n: int) -> httpx.Response:
        return await client.post("/jobs/double", json={"n": n}, headers={"Idempotency-Key": "k"})

    assert (await submit(1)).json()["id"] == (await submit(1)).json()["id"]
    assert problem(await submit(2)) == (422, "invalid_argument")


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == answer.status_code
    return answer.status_code, found["code"]


async def test_what_is_wrong_is_a_problem(client: httpx.AsyncClient) -> None:
    assert problem(await client.post("/jobs/double", json={"n": "x"})) == (422, "invalid_argument")
    assert problem(await client.post("/jobs/double")) == (422, "invalid_argument")
    assert problem(await client.post("/jobs/double", json={"n": 1, "m": 2})) == (422, "invalid_argument")
    assert problem(await client.get("/jobs", params={"limit": 0})) == (422, "invalid_argument")
    for method, path in [("GET", ""), ("GET", "/events"), ("DELETE", ""), ("POST", "/retry")]:
        assert problem(await client.request(method, f"/jobs/absent{path}")) == (404, "not_found")


async def test_a_failure_says_no_more_than_the_page_may_know(client: httpx.AsyncClient) -> None:
    id_ = (await client.post("/jobs/leave")).json()["id"]
    last = (await updates(client, id_))[-1]["job"]
    assert last["failure"] == {
        "code": "exception",
        "detail": "the function called sys.exit(3)",
        "type": "SystemExit",
    }


async def test_an_app_without_its_database_serves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    path.write_text("no database" * 100)
    async with asking(add_to(Jobs(path, executor=lambda: ThreadPoolExecutor(1)))) as client:
        answer = await client.post("/jobs/double", json={"n": 1})
        assert problem(answer) == (503, "unavailable")
        assert answer.json()["retryable"] is True
        # It works as soon as it can.
        path.unlink()
        assert (await client.post("/jobs/double", json={"n": 1})).status_code == 202


async def test_the_lifespan_opens_and_closes(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    async with asking(add_to(Jobs(path, executor=lambda: ThreadPoolExecutor(1)))) as client:
        id_ = (await client.post("/jobs/double", json={"n": 1})).json()["id"]
        await updates(client, id_)
    async with asking(add_to(Jobs(path, executor=lambda: ThreadPoolExecutor(1)))) as client:
        assert (await client.get(f"/jobs/{id_}")).json()["result"] == 2


async def test_a_result_of_another_version_of_the_function_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"

    def made(kind: Any) -> Jobs:
        jobs = Jobs(path, executor=lambda: ThreadPoolExecutor(1))

        def gone(_job: Any) -> Any:
            return "text"

        gone.__annotations__["return"] = kind
        jobs.job(gone)
        return jobs

    async with asking(made(str)) as client:
        id_ = (await client.post("/jobs/gone")).json()["id"]
        await updates(client, id_)
    async with asking(made(int)) as client:
        found = (await client.get(f"/jobs/{id_}")).json()
        assert (found["state"], found["result"], found["failure"]["code"]) == ("done", None, "invalid_result")
    jobs = add_to(Jobs(path))
    async with asking(jobs) as client:
        assert (await client.get("/jobs")).json() == []
        assert problem(await client.get(f"/jobs/{id_}")) == (404, "not_found")


async def test_a_model_that_writes_nan_as_text_does_so_for_the_page() -> None:
    class Loss(BaseModel):
        model_config = ConfigDict(ser_json_inf_nan="strings")
        loss: float

    def lost(_job: Any) -> Loss:
        return Loss(loss=float("nan"))

    lost.__annotations__["return"] = Loss
    jobs = add_to(Jobs(executor=lambda: ThreadPoolExecutor(1)))
    jobs.job(lost)
    async with asking(jobs) as client:
        id_ = (await client.post("/jobs/lost")).json()["id"]
        assert (await updates(client, id_))[-1]["job"]["result"] == {"loss": "NaN"}
        assert (await client.get(f"/jobs/{id_}")).json()["result"] == {"loss": "NaN"}
        assert [job["result"] for job in (await client.get("/jobs")).json()] == [{"loss": "NaN"}]


def test_openapi_has_the_types_of_each_function() -> None:
    document: Any = app_with(add_to(Jobs())).openapi()
    validate({**document, "paths": {path: item for path, item in document["paths"].items() if "events" not in path}})
    schemas = document["components"]["schemas"]
    assert schemas["TrainArguments"]["properties"]["epochs"]["type"] == "integer"
    assert schemas["TrainArguments"]["required"] == ["epochs"]
    result = schemas["TrainJob"]["properties"]["result"]["anyOf"]
    assert result == [{"$ref": "#/components/schemas/Model"}, {"type": "null"}]
    assert schemas["TrainJob"]["properties"]["name"]["const"] == "train"
    assert "restMs" in schemas["JobProgress"]["properties"]
    assert not {"traceback", "stderr"} & set(schemas["JobFailure"]["properties"])
    paths = document["paths"]
    answer = paths["/api/jobs/{id}/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert answer["itemSchema"]["properties"]["data"]["contentSchema"] == {"$ref": "#/components/schemas/AnyJobUpdate"}
    assert schemas["AnyJobUpdate"]["properties"]["job"]["discriminator"]["propertyName"] == "name"
    assert paths["/api/jobs/train"]["post"]["responses"]["202"]
    assert schemas["AnyJobsUpdate"]["properties"]["jobs"]["items"]["discriminator"]["propertyName"] == "name"
    assert not [name for name in schemas if "__" in name]
    assert "/api/jobs/{name}" not in paths


def test_models_of_the_app_keep_their_names() -> None:
    app = app_with(add_to(Jobs()))
    models = [create_model(name) for name in ("Failure", "Problem", "Progress", "State")]
    for model in models:
        app.get(f"/{model.__name__}", response_model=model)(lambda: None)
    assert {model.__name__ for model in models} <= set(app.openapi()["components"]["schemas"])


def test_one_job_has_no_union() -> None:
    jobs = Jobs()

    @jobs.job
    def alone(_job: Any) -> int:
        return 1

    schemas = app_with(jobs).openapi()["components"]["schemas"]
    assert schemas["AnyJobUpdate"]["properties"]["job"]["$ref"] == "#/components/schemas/AloneJob"
    assert app_with(Jobs()).openapi()
