// What is drawn of the sound itself: waveform, spectrogram, curves. Each draws within a box {x, y, width, height}.

const waveLevel = perPixel => Math.max(0, Math.floor(Math.log2(Math.max(1, perPixel))));
const powerLevel = perPixel => Math.max(0, Math.round(Math.log2(Math.max(1, perPixel)) + 0.2));

/** Return least and greatest value of a column of tiles, of a coarser one while it is missing; undefined: nothing is known. */
function extremesAt(supply, kind, channel, level, column, line) {
  for (let up = 0; up <= 10; up++) {
    const at = Math.floor(column / 2 ** up), tile = supply.get(kind, channel, level + up, Math.floor(at / COLUMNS), 0);
    if (!tile) continue;
    const lines = tile.shape[1], place = ((at % COLUMNS) * lines + line) * 2;
    if (place + 1 < tile.values.length) return [tile.values[place], tile.values[place + 1]];
  }
  return undefined;
}

/** Return least and greatest value of every pixel: [low, high] or undefined. */
function columnsOf(supply, kind, channel, line, view, box) {
  const perPixel = (view.stop - view.start) / box.width, level = waveLevel(perPixel), step = 2 ** level, found = [];
  for (let pixel = 0; pixel < box.width; pixel++) {
    const from = view.start + pixel * perPixel, first = Math.floor(from / step);
    const last = Math.max(first, Math.ceil((from + perPixel) / step) - 1);
    let low = Infinity, high = -Infinity;
    for (let column = Math.max(0, first); column <= last && column * step < view.total; column++) {
      const pair = extremesAt(supply, kind, channel, level, column, line);
      if (pair) { low = Math.min(low, pair[0]); high = Math.max(high, pair[1]); }
    }
    found.push(low <= high ? [low, high] : undefined);
  }
  return found;
}

/** Draw lines through values that lie between low and high. */
function drawLine(context, columns, box, low, high, colour, thick = 1) {
  const y = value => box.y + box.height * (1 - (value - low) / (high - low));
  context.fillStyle = colour;
  let before;
  columns.forEach((pair, pixel) => {
    if (pair) {
      let [least, greatest] = pair;
      if (before) { least = Math.min(least, before[1]); greatest = Math.max(greatest, before[0]); }  // no gaps between columns
      const top = y(greatest);
      context.fillRect(box.x + pixel, top - thick / 2, 1, Math.max(thick, y(least) - top));
    }
    before = pair;
  });
}

/** Draw single samples: a line through them. */
function drawSamples(context, supply, kind, channel, line, view, box, low, high, colour) {
  const x = sample => box.x + (sample - view.start) / (view.stop - view.start) * box.width;
  const y = value => box.y + box.height * (1 - (value - low) / (high - low));
  const few = box.width / (view.stop - view.start) > 5;
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.2;
  context.beginPath();
  let drawing = false;
  for (let sample = Math.max(0, Math.floor(view.start) - 1); sample <= Math.min(view.total - 1, view.stop + 1); sample++) {
    const pair = extremesAt(supply, kind, channel, 0, sample, line);
    if (!pair) { drawing = false; continue; }
    context[drawing ? "lineTo" : "moveTo"](x(sample + 0.5), y(pair[0]));
    drawing = true;
    if (few) context.rect(x(sample + 0.5) - 1.5, y(pair[0]) - 1.5, 3, 3);
  }
  context.stroke();
}

/** Return a tile's picture, low pitch at the bottom, in the colours of now. */
function pictureOf(tile, colours) {
  if (tile.colours === colours) return tile.picture;
  const [rows, frames] = tile.shape, picture = tile.picture ?? make("canvas", { width: frames, height: rows });
  const context = picture.getContext("2d"), image = context.createImageData(frames, rows), pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < rows; row++)
    for (let frame = 0, to = (rows - 1 - row) * frames, from = row * frames; frame < frames; frame++)
      pixels[to + frame] = colours[tile.values[from + frame]];
  context.putImageData(image, 0, 0);
  tile.colours = colours;
  return tile.picture = picture;
}

/** Draw the spectrogram; where its tiles are missing, those of other levels. */
function drawPower(context, supply, channel, fold, view, box, low, high, colours) {
  const perPixel = (view.stop - view.start) / box.width, level = powerLevel(perPixel);
  const x = sample => Math.round(box.x + (sample - view.start) / perPixel);
  const band = view.rate / 2 / 2 ** fold;
  const y = frequency => box.y + box.height * (1 - (frequency - low) / (high - low));
  const put = tile => {
    const [, , at, index, folded] = tile.tile, size = FRAMES * 2 ** at, own = band * 2 ** (fold - folded);
    const left = x(index * size), right = x(Math.min(index * size + tile.shape[1] * 2 ** at, view.total));
    const half = own / tile.shape[0] / 2;
    if (right > left) context.drawImage(pictureOf(tile, colours), left, y(own - half), right - left, y(-half) - y(own - half));
  };
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.imageSmoothingEnabled = true;
  const wanted = indices(level, FRAMES, view.start, view.stop, view.total);
  if (wanted.some(index => !supply.get("power", channel, level, index, fold)))
    for (const [other, folded] of [[level + 4, fold], [level + 3, fold], [level + 2, fold], [level, 0], [level + 1, fold], [level - 1, fold]])
      if (other >= 0)
        for (const index of indices(other, FRAMES, view.start, view.stop, view.total)) {
          const tile = supply.get("power", channel, other, index, folded);
          if (tile) put(tile);
        }
  for (const index of wanted) {
    const tile = supply.get("power", channel, level, index, fold);
    if (tile) put(tile);
  }
  context.restore();
}

/** Return what range of decibels shows the tiles best: from amidst the quiet to the loudest. */
function bestContrast(tiles) {
  const counts = new Float64Array(256);
  let all = 0;
  for (const tile of tiles) for (const value of tile.values) { counts[value]++; all++; }
  const quantile = share => { let sum = 0, value = 0; while (value < 255 && (sum += counts[value]) < share * all) value++; return value; };
  const brightest = Math.max(quantile(0.9995), 30), range = (brightest - quantile(0.35)) / 2;
  return { brightest: tiles[0].top + (brightest - 255) / 2, range: Math.min(80, Math.max(30, range)) };
}
