"""The import of 500 generated models against that of the same models written by hand, each in a process of its own.

Both in turn, so that both see the same machine; a ratio is that of the medians. pydantic is imported before, as in
every FastAPI app. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from document import machine, write

ROUNDS = 15

TARGET = 1.5

BY_HAND = '''"""The same models, as somebody would write them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
'''

MODEL = '''

class {name}(BaseModel):
    """The struct `{name}` of the app."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    first_number: int = Field(ge=0, le=2**32 - 1)
    some_text: str
    many_numbers: list[int]
    perhaps: float | None = None
    by_name: dict[str, bool]
    next: list[{name}] | None = None
'''

IMPORT = """
import time, pydantic
start = time.perf_counter()
import {module}
imported = time.perf_counter()
for model in vars({module}).values():
    if isinstance(model, type) and issubclass(model, pydantic.BaseModel) and model.__module__ == "{module}":
        model.model_rebuild()
used = time.perf_counter()
print((imported - start) * 1000, (used - start) * 1000)
"""


def times_ms(directory: Path, module: str) -> tuple[float, float]:
    """Import once, and give the ms of that, and until every model was ready for use."""
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    run = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True, timeout=60)
    imported, used = map(float, run.stdout.split())
    return imported, used


def main() -> int:
    """Measure, print, write, and give the exit code."""
    generated = Path(sys.argv[1]).read_text()
    names = re.findall(r"^class (\w+)\(Model\):", generated, re.MULTILINE)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "generated.py").write_text(generated)
        (directory / "by_hand.py").write_text(BY_HAND + "".join(MODEL.format(name=model) for model in names))
        for module in ("generated", "by_hand"):
            times_ms(directory, module)  # writes the bytecode
        rounds = [(times_ms(directory, "generated"), times_ms(directory, "by_hand")) for _ in range(ROUNDS)]
    rows = []
    for index, what, target in ((0, "import", TARGET), (1, "import, and every model used", None)):
        ours = statistics.median(ours[index] for ours, _ in rounds)
        theirs = statistics.median(theirs[index] for _, theirs in rounds)
        rows.append((what, target, ours / theirs, f"{ours:.0f} ms and {theirs:.0f} ms"))
    text = f"Measured: {machine('debug', 'pydantic')}; {len(names)} models, {ROUNDS} rounds.\n\n"
    text += "| what | target | seen |\n|---|---|---|\n"
    for what, target, ratio, medians in rows:
        text += f"| {what} | {'' if target is None else f'≤ {target} ×'} | {ratio:.2f} × ({medians}) |\n"
    print(text)
    write("benchmarks.md", "scripts/bench bindings", text)
    return int(any(target is not None and ratio > target for _, target, ratio, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
