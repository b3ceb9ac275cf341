// The controls of correcting: song types to draw with, what is done with the selected labels, the list of keys.

const EDIT_KEYS = [
  ["Draw", [["1 … 9", "name the selected labels; or label the selected stretch; or draw with this song type"], ["I|O", "stretch begins, ends at the cursor"],
    ["K", "put a label at the cursor or over the stretch"], [",|.", "cursor back, on (Shift: in larger steps)"], ["Esc", "let go"]]],
  ["Select", [["N|P", "next, previous label (Shift: keep those too)"], ["U", "next unsure proposal"], ["Ctrl+A", "all in view"],
    ["J|Shift+J", "next, previous stretch to look at"]]],
  ["Proposals", [["G", "approve, on to the next"], ["X", "reject, on to the next"], ["Shift+G", "approve all in view"]]],
  ["Change", [["Q|W", "onset earlier, later"], ["E|R", "offset earlier, later"], ["Alt+← →", "move (Shift: in larger steps)"], ["T", "split at the cursor"],
    ["M", "merge"], ["Enter", "choose another song type"], ["Delete", "delete"], ["Ctrl+Z", "undo"], ["Ctrl+Shift+Z|Ctrl+Y", "redo"]]],
  ["Listen", [["Space", "play the stretch, the selected labels, or what is shown"], ["L", "loop"], ["S|F", "slower, faster"]]],
  ["View", [["← →", "move"], ["Shift+← →", "by a page"], ["↑ ↓", "zoom"], ["Home|End", "first, last"], ["A", "select the stretch that is shown"], ["V", "probabilities, on or off"], ["?", "these keys"]]],
];

const BY_MOUSE = "By mouse: choose a song type and drag over the sound (click for an event); drag a label to move it, its edges to stretch it; Shift+click or "
  + "drag over an empty part of the tracks to select several; double-click for another song type. Without a song type, dragging moves the view, and Shift+drag selects a stretch.";

/** Make the controls of correcting; `refresh` brings them in step. */
function makeBench(view) {
  const bench = {}, act = (words, title, does, ...classes) => { const made = button(words, title, does); made.classList.add(...classes); return made; };
  const group = (name, ...parts) => make("div", { className: "dss-sound-group", role: "group", "aria-label": name }, ...parts);
  bench.undo = act("↶ Undo", "Undo (Ctrl+Z)", () => view.order("undo"), "dss-edit-undo");
  bench.redo = act("↷ Redo", "Redo (Ctrl+Shift+Z)", () => view.order("redo"), "dss-edit-redo");
  bench.chips = make("div", { className: "dss-edit-chips", role: "group", "aria-label": "Song types to draw with" });
  bench.name = make("input", { type: "text", placeholder: "new song type", maxLength: 100, "aria-label": "Name of a new song type" });
  bench.category = make("select", { "aria-label": "Category of the new song type" }, make("option", { value: "segment", textContent: "segment" }), make("option", { value: "event", textContent: "event" }));
  bench.add = act("Add", "Add this song type", () => view.addType(), "dss-edit-add");
  bench.name.addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); view.addType(); } });
  bench.curves = make("input", { type: "checkbox", onchange: () => view.showCurves(bench.curves.checked) });
  bench.curvesField = labelled("Probabilities", bench.curves);
  bench.curvesField.title = "The network’s probabilities under the labels (V)";
  bench.top = make("div", { className: "dss-sound-row dss-edit-top" }, bench.chips, make("div", { className: "dss-edit-new" }, bench.name, bench.category, bench.add), group("History", bench.undo, bench.redo));

  bench.type = make("select", { className: "dss-edit-type", onchange: () => view.rename(bench.type.value) });
  bench.start = number("any", () => view.place("start", +bench.start.value));
  bench.stop = number("any", () => view.place("stop", +bench.stop.value));
  bench.about = make("span", { className: "dss-edit-about" });
  bench.typeField = labelled("Song type", bench.type);
  bench.startField = labelled("From (s)", bench.start);
  bench.stopField = labelled("to (s)", bench.stop);
  bench.chosen = group("Selected label", bench.about, bench.typeField, bench.startField, bench.stopField);
  bench.approve = act("✓ Approve", "Approve the selected proposals (G)", () => view.approve(), "dss-edit-approve");
  bench.reject = act("✕ Reject", "Reject the selected proposals (X)", () => view.reject(), "dss-edit-reject");
  bench.split = act("Split", "Split the selected segment at the cursor (T)", () => view.split());
  bench.merge = act("Merge", "Merge the selected segments (M)", () => view.merge());
  bench.remove = act("Delete", "Delete the selected labels (Delete)", () => view.remove());
  bench.within = act("Approve all in view", "Approve all open proposals in view (Shift+G)", () => view.approveInView(), "dss-edit-within");
  bench.least = make("input", { type: "number", min: 0, max: 1, step: 0.05, value: 0.9 });
  bench.above = act("Approve these", "Approve all open proposals of the recording that are at least so sure", () => view.edit({ do: "approve_above", probability: +bench.least.value }), "dss-edit-above");
  bench.unsure = act("Next unsure", "Go to the open proposal that is least sure (U)", () => view.nextUnsure(), "dss-edit-unsure");
  bench.leastField = labelled("Probability from", bench.least);
  bench.leastField.append(bench.above);
  bench.proposals = group("All proposals", bench.unsure, bench.within, bench.leastField);
  bench.bottom = make("div", { className: "dss-sound-row dss-edit-bottom" }, bench.chosen, group("Selected labels", bench.approve, bench.reject, bench.split, bench.merge, bench.remove));
  bench.all = make("div", { className: "dss-sound-row dss-edit-all" }, bench.proposals, bench.curvesField);
  bench.refused = make("p", { className: "dss-edit-refused", role: "alert" });
  bench.spoken = make("p", { className: "dss-edit-spoken", role: "status" });
  bench.keys = keyList();
  bench.refresh = () => refreshBench(view, bench);
  return bench;
}

function keyList() {
  const groups = EDIT_KEYS.map(([name, keys]) => make("div", {}, make("h3", { textContent: name }),
    make("dl", {}, ...keys.flatMap(([key, words]) => [make("dt", {}, ...key.split("|").flatMap((one, i) => [...(i ? [" / "] : []), make("kbd", { textContent: one })])), make("dd", { textContent: words })]))));
  return make("details", { className: "dss-edit-keys", open: true }, make("summary", { textContent: "Keys and mouse ( ? )" }),
    make("div", { className: "dss-edit-key-groups" }, ...groups), make("p", { textContent: BY_MOUSE }));
}

function refreshBench(view, bench) {
  const { store, work } = view, chosen = view.chosenLabels(), one = chosen.length === 1 ? chosen[0] : null, isOff = Boolean(work.why);
  const key = JSON.stringify([store.types, view.active, isOff]);
  if (bench.drawn !== key) {
    const focused = bench.chips.contains(document.activeElement) ? [...bench.chips.children].indexOf(document.activeElement) : -1;
    bench.chips.replaceChildren(...store.types.map((type, i) => chip(view, type, i, isOff)));
    bench.chips.children[focused]?.focus();
    bench.type.replaceChildren(...store.types.map(({ name }) => make("option", { textContent: name, value: name })), make("option", { value: "", textContent: "several", hidden: true }));
    bench.drawn = key;
  }
  const names = new Set(chosen.map(label => label.name)), proposals = chosen.filter(label => label.state !== "human");
  bench.curvesField.hidden = !view.model.get("_shown").curves;
  bench.curves.checked = view.hasCurves;
  bench.undo.disabled = isOff || !work.undo;
  bench.redo.disabled = isOff || !work.redo;
  bench.undo.title = work.undo ? `Undo: ${work.undo} (Ctrl+Z)` : "Nothing to undo";
  bench.redo.title = work.redo ? `Redo: ${work.redo} (Ctrl+Shift+Z)` : "Nothing to do again";
  for (const control of [bench.name, bench.category, bench.add]) control.disabled = isOff;
  bench.type.disabled = bench.start.disabled = bench.stop.disabled = isOff;
  bench.type.value = names.size === 1 ? chosen[0].name : "";
  bench.typeField.hidden = !chosen.length;
  bench.startField.hidden = bench.stopField.hidden = !one;
  bench.stopField.hidden ||= isEvent(one);
  bench.startField.firstChild.textContent = one && isEvent(one) ? "At (s)" : "From (s)";
  const set = (field, value) => { if (document.activeElement !== field || field.dataset.of !== String(one.id)) { field.value = +value.toFixed(6); field.dataset.of = one.id; } };
  if (one) { set(bench.start, one.start); set(bench.stop, one.stop); }
  const sure = one && one.probability !== null ? ` · ${Math.round(100 * one.probability)} % sure` : "";
  const words = one ? `${STATE_WORDS[one.state]}${sure}` : chosen.length ? `${chosen.length.toLocaleString("en")} labels selected` : "No label selected";
  if (bench.about.textContent !== words) bench.about.textContent = words;
  bench.about.dataset.state = one ? one.state : "";
  bench.approve.disabled = isOff || !proposals.some(label => label.state === "open" || label.state === "rejected");
  bench.reject.disabled = isOff || !proposals.some(label => label.state !== "rejected");
  bench.split.disabled = isOff || !chosen.some(label => !isEvent(label));
  bench.merge.disabled = isOff || chosen.filter(label => !isEvent(label)).length < 2;
  bench.remove.disabled = isOff || !chosen.length;
  bench.proposals.hidden = !store.rows.proposals.labels.length;
  bench.all.hidden = bench.proposals.hidden && bench.curvesField.hidden;
  const inView = store.open.filter(label => label.stop >= view.from && label.start <= view.to).length;
  bench.within.disabled = isOff || !inView;
  bench.within.textContent = `Approve all ${inView ? `${inView.toLocaleString("en")} ` : ""}in view`;
  bench.unsure.disabled = !store.open.length;
  bench.leastField.hidden = !store.open.some(label => label.probability !== null);
  bench.above.disabled = isOff;
}

function chip(view, type, i, isOff) {
  const swatch = make("span", { className: "dss-swatch", "aria-hidden": "true" }), kind = type.category === "event" ? "event" : "segment";
  swatch.style.background = type.colour;
  if (kind === "event") swatch.classList.add("dss-edit-event");
  const made = make("button", { type: "button", className: "jupyter-button dss-edit-chip", disabled: isOff, title: `Draw ‘${type.name}’ (${kind})${i < 9 ? `: key ${i + 1}` : ""}`, "aria-pressed": String(view.active === type.name),
    onclick: event => { view.drawWith(type.name); if (event.detail) view.canvas.focus({ preventScroll: true }); } });
  if (i < 9) made.append(make("kbd", { textContent: i + 1, "aria-hidden": "true" }));
  made.append(swatch, make("span", { textContent: type.name }));
  made.classList.toggle("mod-active", view.active === type.name);
  return made;
}
