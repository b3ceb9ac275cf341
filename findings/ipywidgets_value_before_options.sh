#!/usr/bin/env bash
# Guess: to give a list of ipywidgets other choices and choose one of them in one go, so that nobody hears of what lies between, set
#   options and value within hold_trait_notifications: traitlets then validates once, at the end, when both fit.
# Seen, ipywidgets 8.1.9 with traitlets 5.16.1: the end raises "Invalid selection: value not found" for a value that only the new
#   options have, in Select, Dropdown and SelectMultiple alike: what the value is looked up in is filled by a notification, which is
#   held. One that the old options had, too, passes. Set one after the other, without holding, both are taken, and observers
#   hear of a value in between.
# What it means: a list that is filled again, with something new chosen, fails only with the first new entry.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q ipywidgets==8.1.9 traitlets==5.16.1
"$work/venv/bin/python" - <<'PY'
from ipywidgets import Dropdown, Select, SelectMultiple
from traitlets import TraitError

for kind, one in ((Select, str), (Dropdown, str), (SelectMultiple, lambda name: (name,))):
    widget = kind(options=["a", "b"], value=one("b"))
    try:
        with widget.hold_trait_notifications():
            widget.options = ["b", "c"]
            widget.value = one("c")
    except TraitError as error:
        print(f"{kind.__name__}, a new choice: {error}")
        assert "value not found" in str(error)
    else:
        raise AssertionError("this has changed")

widget = Dropdown(options=["a", "b"], value="b")
heard = []
widget.observe(lambda change: heard.append(change.new), "value")
widget.options = ["c", "d"]
widget.value = "d"
print(f"one after the other: observers heard {heard}")
assert heard == ["c", "d"], "this has changed"
PY
