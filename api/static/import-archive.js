// Reads the directory of a ZIP on this computer, without reading the rest of it.

/** Bytes of conversations that are unpacked in all. */
export const MOST_UNPACKED = 2 ** 30;
const LARGEST_DIRECTORY = 64 << 20;

/**
 * A stretch of a file that holds conversations.
 * @typedef {{file: File, name: string, start: number, packed: number, size: number, deflated: boolean}} Source
 */

/** @param {Blob} file */
async function view(file, start, end) {
  return new DataView(await file.slice(start, end).arrayBuffer());
}

/** @param {DataView} data */
const long = (data, at) => Number(data.getBigUint64(at, true));

/** @param {File} file */
async function directory(file) {
  const from = Math.max(0, file.size - 65_557);
  const tail = await view(file, from, file.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) throw new Error("This ZIP is cut off, or it is none. Download the export again.");
  let [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if ((size === 0xffffffff || start === 0xffffffff || tail.getUint16(at + 10, true) === 0xffff) && at >= 20
    && tail.getUint32(at - 20, true) === 0x07064b50) {
    const record = long(tail, at - 12);
    const large = await view(file, record, record + 56);
    [size, start] = [long(large, 40), long(large, 48)];
  }
  if (size > LARGEST_DIRECTORY || start + size > file.size) throw new Error("This ZIP is damaged. Download the export again.");
  return view(file, start, start + size);
}

/**
 * The files of conversations in a ZIP.
 * @param {File} file
 * @returns {Promise<Source[]>}
 */
export async function conversationsIn(file) {
  const data = await directory(file);
  const found = [];
  for (let at = 0; at + 46 <= data.byteLength && data.getUint32(at, true) === 0x02014b50;) {
    const lengths = [28, 30, 32].map((place) => data.getUint16(at + place, true));
    const name = new TextDecoder().decode(new Uint8Array(data.buffer, at + 46, lengths[0]));
    if (/(^|\/)conversations([^/]*|\/[^/]+)\.json$/i.test(name) && !/(^|\/)__MACOSX\//.test(name)) {
      found.push(await source(file, data, at, name, lengths));
    }
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return found;
}

async function source(file, data, at, name, [nameLength, extraLength]) {
  const [flags, method] = [data.getUint16(at + 8, true), data.getUint16(at + 10, true)];
  if (flags & 1) throw new Error(`${name} is encrypted. Unpack the ZIP and choose the files in it.`);
  if (method !== 0 && method !== 8) throw new Error(`${name} is packed in a way this page cannot read. Unpack the ZIP and choose the files in it.`);
  let [packed, size, start] = [20, 24, 42].map((place) => data.getUint32(at + place, true));
  const extras = at + 46 + nameLength;
  for (let extra = extras; extra + 4 <= extras + extraLength; extra += 4 + data.getUint16(extra + 2, true)) {
    if (data.getUint16(extra, true) !== 1) continue;
    let next = extra + 4;
    const wide = (value) => (value === 0xffffffff ? long(data, (next += 8) - 8) : value);
    size = wide(size);
    packed = wide(packed);
    start = wide(start);
  }
  const local = await view(file, start, start + 30);
  if (local.byteLength < 30 || local.getUint32(0, true) !== 0x04034b50) throw new Error("This ZIP is damaged. Download the export again.");
  start += 30 + local.getUint16(26, true) + local.getUint16(28, true);
  return { file, name: name.split("/").at(-1), start, packed, size, deflated: method === 8 };
}

/**
 * The bytes of a source, unpacked as they come.
 * @param {Source} source
 */
export function open({ file, start, packed, deflated }) {
  const stream = file.slice(start, start + packed).stream();
  return deflated ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream;
}
