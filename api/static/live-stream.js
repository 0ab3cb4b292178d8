// Reads the stream of events of a class, and makes events of its text.

// The server says something every 15 seconds: after this long the connection is gone, whatever the network says.
const QUIET = 40_000;

// Text as it comes in, in pieces; whole events out.
function reader() {
  let rest = "";
  let retry = 0;
  const read = (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    const events = [];
    for (const line of blocks.flatMap((block) => block.split("\n"))) {
      if (line.startsWith("data: ")) events.push(JSON.parse(line.slice("data: ".length)));
      else if (line.startsWith("retry: ")) retry = Number(line.slice("retry: ".length));
    }
    return events;
  };
  return { read, retry: () => retry };
}

// Listens to a class from a place on until the stream ends: with which status (0 is the network), and how many
// milliseconds the server wants to be left alone.
export async function listen(path, { signal, onOpen, onEvents, onAlive }) {
  const mine = new AbortController();
  const stop = () => mine.abort();
  signal.addEventListener("abort", stop);
  let quiet = setTimeout(stop, QUIET);
  const text = reader();
  try {
    const answer = await fetch(path, { headers: { accept: "text/event-stream" }, signal: mine.signal, cache: "no-store" });
    if (!answer.ok) return { status: answer.status, after: Number(answer.headers.get("retry-after") ?? 0) * 1000 };
    onOpen();
    const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await pieces.read();
      if (done) return { status: answer.status, after: text.retry() };
      clearTimeout(quiet);
      quiet = setTimeout(stop, QUIET);
      const events = text.read(value);
      if (events.length > 0) onEvents(events);
      else onAlive();
    }
  } catch {
    return { status: 0, after: text.retry() };
  } finally {
    clearTimeout(quiet);
    signal.removeEventListener("abort", stop);
    stop();
  }
}
