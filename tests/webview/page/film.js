import { fetch } from "tauri-plugin-sidecar-bridge-api";

const once = (target, event) =>
  new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));

/** Plays a film while it comes: WebM, or MP4 in fragments, of a type such as `video/webm; codecs="vp8, vorbis"`. */
export async function play(video, path, type) {
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await once(source, "sourceopen");
  const buffer = source.addSourceBuffer(type);
  const reader = (await fetch(path)).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    buffer.appendBuffer(value);
    await once(buffer, "updateend");
    // So the sidecar sends no faster than the film is played, and the page holds a part of it.
    while (buffer.buffered.length > 0 && buffer.buffered.end(0) > video.currentTime + 5) {
      await once(video, "timeupdate");
    }
    if (video.currentTime > 60) {
      buffer.remove(0, video.currentTime - 30);
      await once(buffer, "updateend");
    }
  }
  source.endOfStream();
}
