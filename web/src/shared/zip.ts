/** Files packed into one, as a spreadsheet wants its parts. */

const LOCAL = 0x04034b50;
const LISTED = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const DEFLATED = 8;
/** 1980-01-01, the first day of such a file: when it was packed says nothing. */
const DAY = 33;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export async function zipped(files: Readonly<Record<string, string>>, type: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const list: Uint8Array<ArrayBuffer>[] = [];
  let place = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, plain] = [bytes(path), bytes(text)];
    const packed = await deflated(plain);
    const told = [VERSION, 0, DEFLATED, 0, DAY, [checksum(plain)], [packed.length], [plain.length], name.length, 0];
    const head = joined([record([LOCAL], ...told), name]);
    list.push(joined([record([LISTED], VERSION, ...told, 0, 0, 0, [0], [place]), name]));
    parts.push(head, packed);
    place += head.length + packed.length;
  }
  const count = list.length;
  const length = list.reduce((sum, one) => sum + one.length, 0);
  return new Blob([...parts, ...list, record([END], 0, 0, count, count, [length], [place], 0)], { type });
}

/** Numbers of two bytes; those in brackets have four. */
function record(...fields: (number | number[])[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(
    new ArrayBuffer(fields.reduce<number>((sum, one) => sum + (Array.isArray(one) ? 4 : 2), 0)),
  );
  let place = 0;
  for (const field of fields) {
    if (Array.isArray(field)) view.setUint32(place, field[0] ?? 0, true);
    else view.setUint16(place, field, true);
    place += Array.isArray(field) ? 4 : 2;
  }
  return new Uint8Array(view.buffer);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

async function deflated(plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([plain]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function checksum(of: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of of) sum = (sum >>> 8) ^ (CRC[(sum ^ byte) & 255] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}
