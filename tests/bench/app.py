"""A small FastAPI app, as a sidecar of the benchmarks or under uvicorn."""

import sys

# Where uvloop is installed, uvicorn takes it; what is measured here is what everybody has.
sys.modules["uvloop"] = None  # type: ignore[assignment] # so that its import fails

from fastapi import FastAPI  # noqa: E402 - after that
from pydantic import BaseModel  # noqa: E402
from sidecar_bridge import serve  # noqa: E402

app = FastAPI()


class Person(BaseModel):
    name: str


@app.post("/small")
async def small(person: Person) -> Person:
    return person


if __name__ == "__main__":
    serve(app, log_level="warning")
