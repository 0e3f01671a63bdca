import { describe, expect, test } from "vitest";
import { toMultipart } from "../../src/fetch/multipart.js";

const parse = (body: Blob) => new Response(body).formData();

describe("a form as multipart/form-data", () => {
  test("is laid out as browsers do", async () => {
    const form = new FormData();
    form.append("name", "Ada");
    form.append("notes", new File(["hi"], "notes.txt", { type: "text/plain" }));
    form.append("raw", new File(["?"], "raw"));
    const body = toMultipart(form);

    const boundary = body.type.split("boundary=")[1];
    expect(body.type).toBe(`multipart/form-data; boundary=${boundary}`);
    expect((await body.text()).split("\r\n")).toEqual([
      `--${boundary}`,
      'Content-Disposition: form-data; name="name"',
      "",
      "Ada",
      `--${boundary}`,
      'Content-Disposition: form-data; name="notes"; filename="notes.txt"',
      "Content-Type: text/plain",
      "",
      "hi",
      `--${boundary}`,
      'Content-Disposition: form-data; name="raw"; filename="raw"',
      "Content-Type: application/octet-stream",
      "",
      "?",
      `--${boundary}--`,
      "",
    ]);
  });

  test("keeps repeats, their order, and text beyond ASCII", async () => {
    const form = new FormData();
    form.append("größe", "雪");
    form.append("größe", "🐍");
    expect((await parse(toMultipart(form))).getAll("größe")).toEqual(["雪", "🐍"]);
  });

  test("ends lines of text with CRLF, and leaves files alone", async () => {
    const form = new FormData();
    form.append("text", "a\nb\rc\r\nd");
    form.append("file", new File(["a\nb"], "f"));
    const parsed = await parse(toMultipart(form));
    expect(parsed.get("text")).toBe("a\r\nb\r\nc\r\nd");
    expect(await (parsed.get("file") as File).text()).toBe("a\nb");
  });

  test("lets no name break out of its header", async () => {
    const form = new FormData();
    form.append('a"; filename="b\r\nX-Evil: 1', "x");
    form.append("f", new File(["x"], 'q".txt\n'));
    const lines = (await toMultipart(form).text()).split("\r\n");
    expect(lines[1]).toBe('Content-Disposition: form-data; name="a%22; filename=%22b%0D%0AX-Evil: 1"');
    expect(lines[5]).toBe('Content-Disposition: form-data; name="f"; filename="q%22.txt%0A"');
  });

  test("has a boundary of its own each time", () => {
    expect(toMultipart(new FormData()).type).not.toBe(toMultipart(new FormData()).type);
  });
});
