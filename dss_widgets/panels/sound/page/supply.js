// Tiles: asked of the kernel, kept while they may be needed again, found again at other levels while they are missing.

const COLUMNS = 512, FRAMES = 256, MOST_KEPT = 48 * 2 ** 20, PATIENCE = 4000;

const keyOf = wanted => wanted.join(":");

class Supply {
  /** @param send takes a request; @param arrived is called when there is something new to draw. */
  constructor(send, arrived) {
    this.send = send;
    this.arrived = arrived;
    this.page = Math.random().toString(36).slice(2);
    this.forget();
  }

  forget() {
    this.tiles = new Map();
    this.asked = new Set();
    this.bytes = 0;
  }

  get(...wanted) {
    const tile = this.tiles.get(keyOf(wanted));
    return tile && !tile.fault ? tile : undefined;
  }

  fault(wanted) {
    return this.tiles.get(keyOf(wanted))?.fault;
  }

  /** Ask for what is missing: what is seen, then what may be seen next. Returns how much of what is seen is there, from 0 to 1. */
  want(seen, next) {
    const lacks = wanted => {
      const tile = this.tiles.get(keyOf(wanted));
      return !tile || (tile.fault && performance.now() > tile.until);
    };
    const missing = seen.filter(lacks), all = [...missing, ...next.filter(lacks)];
    if (all.some(wanted => !this.asked.has(keyOf(wanted)))) {
      this.asked = new Set(all.map(keyOf));
      this.send({ kind: "tiles", page: this.page, wanted: all, seen: missing.length });
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.again(), PATIENCE);
    }
    const there = seen.filter(wanted => { const tile = this.tiles.get(keyOf(wanted)); return tile && !tile.estimate; });
    return seen.length ? there.length / seen.length : 1;
  }

  again() {  // a message may be lost: by a busy server, by a kernel that was started anew
    if (this.asked.size) { this.asked.clear(); this.arrived(); }
  }

  take(answer, buffer) {
    const key = keyOf(answer.tile), old = this.tiles.get(key);
    this.asked.delete(key);
    if (old) { this.bytes -= old.size; this.tiles.delete(key); }
    const tile = { ...answer, size: 200 };
    if (answer.fault) tile.until = performance.now() + PATIENCE;
    else {
      const copy = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
      tile.values = answer.tile[0] === "power" ? new Uint8Array(copy) : new Float32Array(copy);
      tile.size += 5 * copy.byteLength;  // with the picture that is made of it
    }
    this.tiles.set(key, tile);
    this.bytes += tile.size;
    for (const [oldest, { size }] of this.tiles) {
      if (this.bytes < MOST_KEPT) break;
      this.tiles.delete(oldest);
      this.bytes -= size;
    }
    if (this.asked.size) { clearTimeout(this.timer); this.timer = setTimeout(() => this.again(), PATIENCE); }
    this.arrived();
  }
}

/** Return which tiles of a level lie in a range of samples, and those beside it. */
function indices(level, perTile, start, stop, total, beside = 0) {
  const size = perTile * 2 ** level, found = [];
  const last = Math.ceil(total / size) - 1;
  for (let i = Math.max(0, Math.floor(start / size) - beside); i <= Math.min(last, Math.ceil(stop / size) - 1 + beside); i++) found.push(i);
  return found;
}
