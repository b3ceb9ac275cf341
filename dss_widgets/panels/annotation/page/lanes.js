// How labels look: those that count are solid, open proposals hatched and dashed, rejected ones crossed out.

const LABELS = 34, PROPOSED = 30, EDGE = 5, KNOB = 4.5;

/** Return a hatch of a colour. */
function hatch(context, colour, cache) {
  if (!cache.has(colour)) {
    const tile = make("canvas", { width: 7, height: 7 }), drawn = tile.getContext("2d");
    drawn.strokeStyle = colour;
    drawn.lineWidth = 1.3;
    drawn.beginPath();
    for (const shift of [-7, 0, 7]) { drawn.moveTo(shift, 7); drawn.lineTo(shift + 7, 0); }
    drawn.stroke();
    cache.set(colour, context.createPattern(tile, "repeat"));
  }
  return cache.get(colour);
}

/** Draw a segment in its box; returns nothing. `ink` is for words on the colour. */
function drawSegment(context, label, box, { colour, ink }, colours, cache, chosen) {
  const { x, y, width, height } = box;
  if (isCounting(label)) {
    context.fillStyle = colour;
    context.fillRect(x, y, width, height);
  } else if (label.state === "open") {
    context.fillStyle = colours.raised;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 0.5;
    context.fillStyle = hatch(context, colour, cache);
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    outline(context, box, colour, 1.5, [4, 3]);
  } else outline(context, box, colours.strong, 1, [1, 3]);
  if (chosen) {
    outline(context, { x: x - 1.5, y: y - 1.5, width: width + 3, height: height + 3 }, colours.raised, 2, []);
    outline(context, { x: x - 3, y: y - 3, width: width + 6, height: height + 6 }, colours.text, 2, []);
  }
  if (width < 14 || height < 11) return;
  const sure = label.state === "open" && label.probability !== null ? ` ${Math.round(100 * label.probability)} %` : "";
  const mark = { approved: "✓ ", changed: "✎ " }[label.state] ?? "";
  const words = [mark + label.name + sure, mark + label.name, label.name].find(text => context.measureText(text).width <= width - 6);
  if (!words) return;
  const wide = context.measureText(words).width, middle = x + width / 2, line = y + height / 2 + 0.5;
  if (label.state === "open") {  // words lie on a ground of their own, not on the hatch
    context.fillStyle = colours.raised;
    context.fillRect(middle - wide / 2 - 3, line - 8, wide + 6, 15);
  }
  context.fillStyle = isCounting(label) ? ink : label.state === "open" ? colours.text : colours.muted;
  context.fillText(words, middle, line);
  if (label.state === "rejected") context.fillRect(middle - wide / 2, line - 0.5, wide, 1);
}

/** Draw an event: a line with a knob to take hold of. */
function drawEvent(context, label, { x, y, height }, { colour }, colours, chosen) {
  const shade = label.state === "rejected" ? colours.strong : colour;
  context.strokeStyle = context.fillStyle = shade;
  context.lineWidth = 2;
  context.setLineDash(label.state === "open" ? [3, 2] : label.state === "rejected" ? [1, 3] : []);
  context.beginPath();
  context.moveTo(x, y + 2 * KNOB);
  context.lineTo(x, y + height);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  if (label.state === "rejected") for (const turn of [-1, 1]) { context.moveTo(x - KNOB + 1, y + KNOB - turn * (KNOB - 1)); context.lineTo(x + KNOB - 1, y + KNOB + turn * (KNOB - 1)); }
  else context.arc(x, y + KNOB, KNOB - 0.5, 0, 2 * Math.PI);
  if (isCounting(label)) context.fill();
  context.stroke();
  if (chosen) outline(context, { x: x - 6, y: y - 1.5, width: 12, height: height + 3 }, colours.text, 2, []);
}

function outline(context, { x, y, width, height }, colour, thick, dash) {
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.setLineDash(dash);
  context.strokeRect(x + thick / 2, y + thick / 2, Math.max(0, width - thick), Math.max(0, height - thick));
  context.setLineDash([]);
}

/** Draw a row of labels in its lane; returns the boxes of those that can be taken hold of, and how many are in view. */
function drawRow(context, row, lane, view, colours) {
  const x = seconds => lane.x + (seconds - view.from) / (view.to - view.from) * lane.width, boxes = [];
  const within = row.within(view.from, view.to), levels = 1 + Math.max(0, ...within.slice(0, 5000).map(i => row.level[i])), part = lane.height / levels;
  context.fillStyle = colours.sunken;
  context.fillRect(lane.x, lane.y, lane.width, lane.height);
  context.save();
  context.beginPath();
  context.rect(lane.x, lane.y - 4, lane.width, lane.height + 8);
  context.clip();
  context.font = `12px ${colours.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  let drawnTo = -1, drawnType = "";
  for (const i of within) {
    const label = view.shownAs(row.labels[i]), type = view.lookOf(label.name), chosen = view.chosen.has(label.id);
    const left = x(label.start), right = x(label.stop), y = lane.y + row.level[i] * part + (levels > 1 ? 1 : 2), height = part - (levels > 1 ? 2 : 4);
    const width = Math.max(2, right - left - (right - left > 5 ? 1 : 0)), key = `${label.name}:${label.state}:${row.level[i]}`;
    if (!chosen && key === drawnType && left + width < drawnTo + 0.5) continue;  // on the same pixels as the one before
    const box = { id: label.id, x: left, y, width: isEvent(label) ? 0 : width, height };
    if (isEvent(label)) drawEvent(context, label, box, type, colours, chosen);
    else if (width < 3 && !chosen) {
      context.globalAlpha = isCounting(label) ? 1 : 0.45;
      context.fillStyle = label.state === "rejected" ? colours.strong : type.colour;
      context.fillRect(left, y, width, height);
      context.globalAlpha = 1;
    } else {  // what lies far outside of the view needs no hatch
      const first = Math.max(lane.x - 20, left), last = Math.min(lane.x + lane.width + 20, left + width);
      drawSegment(context, label, { x: first, y, width: last - first, height }, type, colours, view.hatches, chosen);
    }
    boxes.push(box);
    drawnTo = left + width;
    drawnType = key;
  }
  context.restore();
  return { boxes, count: within.length };
}
