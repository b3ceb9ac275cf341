// How the view looks: the page's own colours, the maps of the spectrogram, round numbers, words for times.

const LEFT = 62, RIGHT = 14, AXIS = 36, GAP = 8, TITLE = 18, TRACK = 22;

// Anchors at equal steps of maps that are even in lightness, so that they read in grey too (matplotlib, CC0).
const MAPS = {
  magma: [[0, 0, 4], [40, 17, 89], [114, 31, 129], [183, 55, 121], [241, 96, 93], [254, 175, 119], [252, 253, 191]],
  viridis: [[68, 1, 84], [70, 50, 127], [54, 92, 141], [39, 127, 142], [31, 161, 135], [74, 194, 109], [159, 218, 58], [253, 231, 37]],
  "grey": [[0, 0, 0], [255, 255, 255]],
  "ink on white": [[255, 255, 255], [0, 0, 0]],
};

/** Return the colours of the page as they are at this moment. */
function coloursOf(element) {
  const style = getComputedStyle(element);
  const of = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    of: name => of(name, "#888888"),
    text: of("--dss-text", "#1d242b"), muted: of("--dss-muted", "#56616b"), line: of("--dss-line", "#d9dee3"),
    strong: of("--dss-line-strong", "#78828c"), sunken: of("--dss-sunken", "#f4f6f8"), raised: of("--dss-raised", "#ffffff"),
    accent: of("--dss-accent", "#0b62b8"), wave: of("--dss-wave", "#3f6b9c"),
    font: of("--jp-ui-font-family", "") || "system-ui, sans-serif",
  };
}

/** Return 256 colours, as a canvas' pixels, for the bytes of a spectrogram. */
function shades(map, top, range, brightest) {
  const anchors = MAPS[map], pixels = new Uint32Array(256), bytes = new Uint8Array(pixels.buffer);
  for (let value = 0; value < 256; value++) {
    const decibels = top + (value - 255) / 2;
    const share = Math.min(1, Math.max(0, 1 - (brightest - decibels) / range)) * (anchors.length - 1);
    const before = Math.min(anchors.length - 2, Math.floor(share)), part = share - before;
    for (let i = 0; i < 3; i++) bytes[4 * value + i] = anchors[before][i] * (1 - part) + anchors[before + 1][i] * part;
    bytes[4 * value + 3] = 255;
  }
  return pixels;
}

/** Return round numbers within a range, at most so many, and how many digits tell them apart. */
function ticks(low, high, most) {
  const raw = Math.max(high - low, 1e-12) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(one => one >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return { at: found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/** Return a duration in the unit that reads best. */
function lasting(seconds) {
  if (seconds < 0.9995) return `${+(1000 * seconds).toPrecision(3)} ms`;
  return seconds < 120 ? `${+seconds.toPrecision(4)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

const hertz = value => value >= 1000 ? `${+(value / 1000).toPrecision(4)} kHz` : `${+value.toPrecision(4)} Hz`;

/** Return a name that no other element of the page has, whichever view it is of: each view has a module of its own. */
const newId = () => `dss-sound-${Math.random().toString(36).slice(2)}`;

/** Return an element with properties, attributes (those with a hyphen, and role) and children; words become text, never markup. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties))
    if (/-|^(role|for|list)$/.test(name)) element.setAttribute(name, value); else element[name] = value;
  element.append(...children);
  return element;
}
