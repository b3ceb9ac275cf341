// The labels as the kernel has them: found by number and by place, changed only by what the kernel tells.

const STATES = ["human", "open", "approved", "changed", "rejected"];
const STATE_WORDS = {
  human: "made by hand", open: "proposal, open", approved: "proposal, approved", changed: "proposal, changed", rejected: "proposal, rejected",
};

class Store {
  constructor() {
    this.labels = new Map();
    this.version = -1;
    this.types = [];
    this.rebuild();
  }

  /** Return labels that came packed in columns. */
  unpack([numbers, kinds, states, starts, stops, probabilities], names) {
    const array = (bytes, Kind) => new Kind(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const id = array(numbers, Uint32Array), kind = array(kinds, Uint16Array), state = array(states, Uint8Array);
    const start = array(starts, Float64Array), stop = array(stops, Float64Array), probability = array(probabilities, Float32Array);
    return [...id].map((number, i) => ({
      id: number, name: names[kind[i]], start: start[i], stop: stop[i], state: STATES[state[i]],
      probability: Number.isNaN(probability[i]) ? null : probability[i],
    }));
  }

  /** Take all labels, or a change; returns false where changes before it are missing. */
  take(answer, buffers) {
    if (answer.gone !== null && answer.version !== this.version + 1) return answer.version <= this.version;
    if (answer.gone === null) this.labels.clear();
    else answer.gone.forEach(id => this.labels.delete(id));
    for (const label of this.unpack(buffers, answer.names)) this.labels.set(label.id, label);
    this.version = answer.version;
    this.rebuild();
    return true;
  }

  rebuild() {
    this.sorted = [...this.labels.values()].sort((one, other) => one.start - other.start || one.stop - other.stop || one.id - other.id);
    this.rows = { labels: new Row(this.sorted.filter(isCounting)), proposals: new Row(this.sorted.filter(label => !isCounting(label))) };
    this.open = this.sorted.filter(label => label.state === "open");
  }

  type(name) { return this.types.find(type => type.name === name); }

  /** Return open proposals, the least sure first. */
  unsure() { return [...this.open].sort((one, other) => (one.probability ?? 2) - (other.probability ?? 2)); }
}

const isCounting = label => label.state !== "open" && label.state !== "rejected";
const isEvent = label => label.stop <= label.start;

/** Labels in the order of their onsets, stacked where they overlap. */
class Row {
  constructor(labels) {
    this.labels = labels;
    this.starts = Float64Array.from(labels, label => label.start);
    this.latest = Float64Array.from(labels, label => label.stop);
    for (let i = 1; i < labels.length; i++) this.latest[i] = Math.max(this.latest[i], this.latest[i - 1]);
    const ends = [];
    this.level = labels.map(label => {
      const free = ends.findIndex(end => end <= label.start - (isEvent(label) ? 0 : 1e-9)), level = free < 0 ? Math.min(ends.length, 3) : free;
      ends[level] = Math.max(label.stop, ends[level] ?? 0);
      return level;
    });
  }

  /** Return the numbers of labels in a stretch. */
  within(from, to) {
    const found = [];
    for (let i = before(this.latest, value => value < from); i < before(this.starts, value => value <= to); i++) if (this.labels[i].stop >= from) found.push(i);
    return found;
  }
}

/** Return what a label is, in words. */
function told(label) {
  const during = isEvent(label) ? `at ${label.start.toFixed(4)} s` : `${label.start.toFixed(4)} to ${label.stop.toFixed(4)} s, ${lasting(label.stop - label.start)}`;
  const sure = label.probability === null ? "" : `, ${Math.round(100 * label.probability)} % sure`;
  return `${label.name}: ${during}; ${STATE_WORDS[label.state]}${sure}`;
}
