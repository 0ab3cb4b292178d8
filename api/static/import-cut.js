// Cuts a JSON file into its conversations on the byte stream, and looks at one of them. The whole file is never in memory.

/** Bytes of one conversation that are looked at. */
const LARGEST = 64 << 20;
const LETTERS = 160;

/**
 * Finds the elements of a top-level list, or the one top-level object, while bytes come in.
 */
export class Cutter {
  /** @param {(start: number, end: number, bytes: Uint8Array | null) => void} element gets each with its place; null if too large */
  constructor(element) {
    this.element = element;
    this.at = 0; // bytes before this chunk
    this.depth = 0;
    this.base = -1; // depth around an element: 1 in a list, 0 for a lone object
    this.text = false;
    this.escaped = false;
    this.start = -1;
    this.parts = [];
    this.length = 0;
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    let { depth, base, text, escaped, start } = this;
    let from = 0; // where the open element goes on in this chunk
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i];
      if (text) {
        if (escaped) escaped = false;
        else if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) text = false;
      } else if (byte === 0x22) {
        text = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        if (base < 0) base = byte === 0x5b ? 1 : 0;
        if (depth === base && start < 0 && byte === 0x7b) {
          start = this.at + i;
          from = i;
        }
        depth += 1;
      } else if (byte === 0x7d || byte === 0x5d) {
        depth -= 1;
        if (depth === base && start >= 0) {
          this.keep(chunk.subarray(from, i + 1));
          this.element(start, this.at + i + 1, this.whole());
          start = -1;
        }
      }
    }
    if (start >= 0) this.keep(chunk.slice(from));
    this.at += chunk.length;
    Object.assign(this, { depth, base, text, escaped, start });
  }

  /** @returns {boolean} whether the file ended where a file may end */
  finish() {
    return this.depth === 0 && !this.text && this.base >= 0;
  }

  keep(bytes) {
    this.length += bytes.length;
    if (this.length <= LARGEST) this.parts.push(bytes);
  }

  whole() {
    let all = null;
    if (this.length <= LARGEST) {
      all = new Uint8Array(this.length);
      let at = 0;
      for (const part of this.parts) {
        all.set(part, at);
        at += part.length;
      }
    }
    this.parts = [];
    this.length = 0;
    return all;
  }
}

/**
 * What a person needs to know one conversation by.
 * @param {Uint8Array} bytes
 * @returns {{source: string | null, platform: string, title: string, at: number | null, messages: number, first: string, last: string, complete: boolean} | null}
 *   null if it is none
 */
export function glance(bytes) {
  const chat = JSON.parse(new TextDecoder().decode(bytes));
  if (chat && typeof chat.mapping === "object" && chat.mapping) {
    return { source: idOf(chat.conversation_id ?? chat.id), ...summary("ChatGPT", chat.title, chat.update_time ?? chat.create_time, pathOf(chat)) };
  }
  if (chat && Array.isArray(chat.chat_messages)) {
    const at = Date.parse(chat.updated_at ?? chat.created_at) / 1000;
    return { source: idOf(chat.uuid ?? chat.id), ...summary("Claude", chat.name, at, chat.chat_messages.map(saidInClaude)) };
  }
  if (chat?.format === "colloquium.conversation" && Array.isArray(chat.messages)) {
    const at = Date.parse(chat.conversation?.started_at ?? chat.exported_at) / 1000;
    const path = chat.messages.filter((message) => message.on_path && !message.hidden);
    return { source: null, ...summary("Colloquium", chat.conversation?.title, at, path.map(saidHere)) };
  }
  return null;
}

const idOf = (id) => (typeof id === "string" && id ? id : null);

function summary(platform, title, at, said) {
  const words = said.filter(({ text }) => text.trim());
  const lines = (one) => (one ? one.text.split("\n").filter((line) => line.trim()) : []);
  const cut = (line) => (line ?? "").trim().slice(0, LETTERS);
  const last = words.at(-1);
  return {
    platform,
    title: typeof title === "string" ? title.trim().slice(0, 300) : "",
    at: Number.isFinite(Number(at)) && at ? Number(at) : null,
    messages: words.length,
    first: cut(lines(words[0])[0]),
    last: cut(lines(last).at(-1)),
    complete: words.length > 1 && last?.role === "assistant",
  };
}

/** The messages ChatGPT shows: from the current one up to the root. */
function pathOf({ mapping, current_node: current }) {
  let id = current in mapping ? current : Object.keys(mapping).findLast((key) => !mapping[key]?.children?.length);
  const path = [];
  for (let left = Object.keys(mapping).length; mapping[id] && left >= 0; left -= 1) {
    path.push(saidInChatGpt(mapping[id].message));
    id = mapping[id].parent;
  }
  return path.reverse();
}

function saidInChatGpt(message) {
  const role = message?.author?.role;
  const hidden = message?.metadata?.is_visually_hidden_from_conversation;
  const spoken = (role === "user" || role === "assistant") && (message.recipient ?? "all") === "all" && !hidden;
  const parts = spoken && /^(multimodal_)?text$/.test(message.content?.content_type) ? message.content.parts : [];
  return { role, text: Array.isArray(parts) ? parts.filter((part) => typeof part === "string").join("\n") : "" };
}

function saidInClaude(message) {
  const blocks = Array.isArray(message?.content) ? message.content.map((block) => block?.text) : [];
  const text = blocks.filter((block) => typeof block === "string").join("\n") || message?.text;
  return { role: message?.sender === "assistant" ? "assistant" : "user", text: typeof text === "string" ? text : "" };
}

function saidHere(message) {
  const parts = Array.isArray(message.parts) ? message.parts.filter((part) => /^(text|code|audio)$/.test(part?.kind)) : [];
  return { role: message.role, text: parts.map((part) => part.text).filter((text) => typeof text === "string").join("\n") };
}
