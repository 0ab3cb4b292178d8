// Looks through export files beside the page, so that it stays quick, and gives back what was ticked as it stands there.
import { MOST_UNPACKED, conversationsIn, open } from "./import-archive.js";
import { Cutter, glance } from "./import-cut.js";

/** @type {import("./import-archive.js").Source[]} */
let sources = [];
/** Place of each conversation: its source, its first byte and the byte after its last. */
let places = [];

/** @param {File[]} files */
async function look(files) {
  [sources, places] = [[], []];
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
    if (head[0] === 0x50 && head[1] === 0x4b) sources.push(...(await conversationsIn(file)));
    else sources.push({ file, name: file.name, start: 0, packed: file.size, size: file.size, deflated: false });
  }
  if (!sources.length) throw new Error("There is no conversations.json in it. Is it the export of ChatGPT or Claude, as you got it? If it is a ZIP of ZIPs or a document, the server can say more.");
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  if (total > MOST_UNPACKED) throw new Error("There is more than 1 GB of conversations in it. Unpack the ZIP and choose some of its files.");
  let done = 0;
  const problems = [];
  for (const [index, source] of sources.entries()) {
    try {
      done = await lookInto(source, index, done, total, problems);
    } catch {
      problems.push({ title: source.name, why: "it cannot be unpacked: the download is probably damaged" });
    }
  }
  postMessage({ type: "looked", count: places.length, problems });
}

async function lookInto(source, index, done, total, problems) {
  let found = [];
  let others = 0;
  const cutter = new Cutter((start, end, bytes) => {
    try {
      const seen = bytes && glance(bytes);
      if (seen) {
        found.push({ id: places.length, bytes: end - start, file: source.name, ...seen });
        places.push({ source: index, start, end });
      } else if (bytes) others += 1;
      else problems.push({ title: source.name, why: "one conversation is larger than 64 MB" });
    } catch {
      problems.push({ title: source.name, why: "one conversation is malformed" });
    }
  });
  const tell = () => {
    postMessage({ type: "found", found, done, total });
    found = [];
  };
  let told = performance.now();
  for await (const chunk of chunks(source)) {
    cutter.push(chunk);
    done += chunk.length;
    if (performance.now() - told > 200) {
      tell();
      told = performance.now();
    }
  }
  if (!cutter.finish()) problems.push({ title: source.name, why: "it ends early: the download is probably incomplete" });
  if (others) problems.push({ title: source.name, why: `${others} entries are no conversations that can be read here` });
  tell();
  return done;
}

/** @param {import("./import-archive.js").Source} source */
async function* chunks(source) {
  const reader = open(source).getReader();
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.length;
    if (length > source.size) throw new Error("larger than it says");
    yield value;
  }
}

/** The ticked conversations as they stand in their files: a list for each file. @param {number[]} ids */
async function collect(ids) {
  const parts = [];
  for (const [index, source] of sources.entries()) {
    const wanted = ids.map((id) => places[id]).filter((place) => place.source === index).sort((a, b) => a.start - b.start);
    if (!wanted.length) continue;
    const raw = source.deflated ? await inflated(source, wanted)
      : wanted.map(({ start, end }) => source.file.slice(source.start + start, source.start + end));
    const list = raw.flatMap((bytes, at) => (at ? [",\n", bytes] : [bytes]));
    parts.push({ name: source.name, blob: new Blob(["[", ...list, "]"], { type: "application/json" }) });
  }
  postMessage({ type: "collected", parts });
}

async function inflated(source, wanted) {
  const blobs = wanted.map(() => []);
  let [at, next] = [0, 0];
  for await (const chunk of chunks(source)) {
    const end = at + chunk.length;
    for (let one = next; one < wanted.length && wanted[one].start < end; one += 1) {
      blobs[one].push(chunk.slice(Math.max(0, wanted[one].start - at), wanted[one].end - at));
      if (wanted[one].end <= end) next = one + 1;
    }
    at = end;
    if (next === wanted.length) break;
  }
  return blobs.map((pieces) => new Blob(pieces));
}

addEventListener("message", async ({ data }) => {
  try {
    await (data.type === "look" ? look(data.files) : collect(data.ids));
  } catch (error) {
    postMessage({ type: "failed", why: error.message });
  }
});
