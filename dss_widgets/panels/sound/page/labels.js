// Labels in tracks: found by their place among thousands, drawn as far as they can be seen.

class Track {
  constructor(packed) {
    Object.assign(this, packed);
    const array = (bytes, kind) => new kind(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    this.starts = array(packed.starts, Float64Array);
    this.stops = array(packed.stops, Float64Array);
    this.kinds = array(packed.kinds, Uint16Array);
    this.latest = this.stops.slice();  // the greatest offset so far: it rises, so that it can be searched
    for (let i = 1; i < this.latest.length; i++) this.latest[i] = Math.max(this.latest[i], this.latest[i - 1]);
  }

  /** Return numbers of the first label that may be in view and of the first one behind it. */
  within(start, stop) {
    return [before(this.latest, value => value < start), before(this.starts, value => value <= stop)];
  }

  at(seconds, slack) {
    const [first, last] = this.within(seconds - slack, seconds + slack);
    for (let i = last - 1; i >= first; i--) if (this.stops[i] >= seconds - slack) return i;
    return undefined;
  }

  told(i) {
    const during = this.stops[i] - this.starts[i];
    return `${this.names[this.kinds[i]]}: ${this.starts[i].toFixed(4)} s` + (during > 0 ? ` to ${this.stops[i].toFixed(4)} s, ${lasting(during)}` : "");
  }
}

function before(sorted, isBefore) {
  let low = 0, high = sorted.length;
  while (low < high) { const middle = (low + high) >> 1; if (isBefore(sorted[middle])) low = middle + 1; else high = middle; }
  return low;
}

/** Draw a track's title and labels; returns how many labels are in view. */
function drawTrack(context, track, from, to, box, colours, widths) {
  const x = seconds => box.x + (seconds - from) / (to - from) * box.width;
  const [first, last] = track.within(from, to);
  const fills = track.colours.map(colour => colour.startsWith("--") ? colours.of(colour) : colour);
  context.fillStyle = colours.sunken;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.textBaseline = "middle";
  context.font = `11px ${colours.font}`;
  let count = 0, together = 0, drawnTo = -1, drawnKind = -1;
  const words = [];
  for (let i = first; i < last; i++) {
    const start = track.starts[i], stop = track.stops[i];
    if (stop < from) continue;
    count++;
    together += Math.min(stop, to) - Math.max(start, from);
    const left = Math.max(box.x, x(start)), right = Math.min(box.x + box.width, x(stop)), kind = track.kinds[i];
    const isEvent = stop <= start, width = isEvent ? 2 : Math.max(1.5, right - left - (right - left > 4 ? 1 : 0));
    if (kind === drawnKind && left + width < drawnTo + 0.5) continue;  // on the same pixels as the one before
    context.fillStyle = fills[kind];
    context.fillRect(isEvent ? left - 1 : left, box.y, width, box.height);
    drawnTo = left + width;
    drawnKind = kind;
    if (!isEvent && track.total == null && width > 9) words.push([kind, left, width]);
  }
  for (const [kind, left, width] of words) {
    const name = track.names[kind], key = `${colours.font}${name}`;
    if (!widths.has(key)) widths.set(key, context.measureText(name).width);
    if (widths.get(key) > width - 4) continue;
    context.fillStyle = track.inks[kind];
    context.textAlign = "center";
    context.fillText(name, left + width / 2, box.y + box.height / 2 + 0.5);
  }
  context.restore();
  return { count, told: track.total == null ? (count ? `${count.toLocaleString("en")} here` : "none here") : `${lasting(together)} ${track.total}` };
}
