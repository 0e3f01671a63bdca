"""What plays in WebKitGTK without a port, and how far one can seek in it. GStreamer makes the films."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_page import ask, bridge_page, run
from desktop import Page

SECONDS = 90
FRAMES_A_SECOND = 10

DEFINE = """
  const video = Object.assign(document.createElement("video"), { muted: true });
  document.body.append(video);
  const heard = (event) => new Promise((resolve, reject) => {
    video.addEventListener(event, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(`no film: ${video.error.code}`)), { once: true });
    setTimeout(() => reject(new Error(`no ${event} of a film in state ${video.readyState}`)), 20_000);
  });
  const seek = async (to) => {
    const done = heard("seeked");
    video.currentTime = to;
    await done;
    return Math.round(video.currentTime);
  };
"""
"""Defines `video`, which is in the page; `heard(event)` of it, which rejects when there is no film; and `seek(to)`."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a WebM with a picture that moves, at the sidecar."""
    path = tmp_path_factory.mktemp("films") / "ball.webm"
    frames = f"videotestsrc pattern=ball num-buffers={SECONDS * FRAMES_A_SECOND}"
    form = f"video/x-raw,width=160,height=120,framerate={FRAMES_A_SECOND}/1"
    encoded = f"vp8enc deadline=1 keyframe-max-dist={FRAMES_A_SECOND}"
    command = f"gst-launch-1.0 -q {frames} ! {form} ! {encoded} ! webmmux ! filesink location={path}"
    subprocess.run(command.split(), check=True, timeout=120)
    return f"/media/film{path}"


def test_an_object_url_plays_and_seeks_anywhere(page: Page, film: str) -> None:
    script = f"""{DEFINE}
      const loaded = heard("loadeddata");
      video.src = await bridge.sidecarUrl(args[0]);
      await loaded;
      const moved = heard("timeupdate");
      await video.play();
      await moved;
      const seen = [Math.round(video.duration), video.videoWidth, await seek(80), await seek(5)];
      video.remove();
      URL.revokeObjectURL(video.src);
      return seen;
    """
    assert run(page, script, film) == [SECONDS, 160, 80, 5]


def test_media_source_fed_by_fetch_plays_while_the_film_comes(page: Page, film: str) -> None:
    script = f"""{DEFINE}
      const loaded = heard("loadeddata");
      const playing = play(video, args[0], 'video/webm; codecs="vp8"');
      await loaded;
      const moved = heard("timeupdate");
      await video.play();
      await moved;
      await seek(20);
      const end = heard("ended");
      for (let at = 20; at < 88; at = Math.min(at + 15, 88)) await seek(at);
      await seek(89);
      await playing;
      await end;
      const seen = [Math.round(video.duration), video.videoWidth, Math.round(video.currentTime)];
      video.remove();
      return seen;
    """
    assert run(page, script, film) == [SECONDS, 160, SECONDS]


def test_a_url_for_elements_plays_nothing_here(page: Page, film: str) -> None:
    """Once this fails, WebKitGTK plays from a scheme, and docs/page.md may say so."""
    script = f"""{DEFINE}
      video.src = await bridge.mediaUrl(args[0]);
      const outcome = await heard("loadeddata").then(() => "a film", (error) => error.message);
      video.remove();
      return outcome;
    """
    assert run(page, script, film) == "no film: 4"
    assert Path(film.removeprefix("/media/film")).stat().st_size > 1446
    assert [heard["range"] for heard in ask(page, "/media/heard") if "range" in heard][-1] == "bytes=0-1445"
