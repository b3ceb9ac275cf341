"""What there is to learn from, how far learning on is, and what does the same, in words."""

from __future__ import annotations

from dss_widgets.errors import Problem
from dss_widgets.jobs import JobStatus
from dss_widgets.options.learning import LearningOptions
from dss_widgets.panels.forms.code import Texts, command, flags, python_call, texts
from dss_widgets.panels.style.theme import meter
from dss_widgets.panels.style.words import capital, count, duration, escape, problem_list, time_left
from dss_widgets.results.to_learn import ToLearn


def to_learn_words(found: ToLearn, n_open: int = 0) -> str:
    """Return what there is to learn from, as HTML.

    Args:
        found: what there is.
        n_open: proposals that nobody has looked at.
    """
    parts = f", {count(found.in_part, 'of them in part', 'of them in part')}" if found.in_part else ""
    is_known = found.changed is not None
    changed = f"{found.changed:,}" if is_known else "–"
    about_changed = "that the network had otherwise, missed or added" if is_known else "told once it has learned"
    quiet = found.seconds_without_song
    silence = f"{duration(quiet)} in recordings without song" if quiet else "what is not annotated within"
    facts = [
        ("Looked through", duration(found.seconds), f"in {count(found.recordings, 'recording')}{parts}"),
        ("Labels", f"{found.labels:,}", "in what was looked through"),
        ("Changed", changed, about_changed),
        ("Learned as noise", duration(found.seconds_unlabelled), silence),
        ("Joins", duration(found.train_seconds + found.val_seconds), _joins(found)),
        ("Stays out", duration(found.in_test_seconds), "is test data, from which nothing is learned"),
    ]
    cells = "".join(
        f"<div><dt>{words}</dt><dd>{value}<small>{escape(about)}</small></dd></div>" for words, value, about in facts
    )
    notes = [Problem(notice, severity="warning") for notice in found.notices]
    if n_open:
        words = f"Nobody has looked at {count(n_open, 'proposal')}: where they lie, nothing is annotated, and that is learned."
        notes.append(Problem(words, "Approve or reject them first.", "warning"))
    if not found.has_test:
        notes.append(
            Problem(
                "The dataset has no test data, so nothing will tell what a round was worth.",
                "Assemble it with a test split, or make some of the new recordings test data.", "warning",
            )
        )  # fmt: skip
    grown = f"Written as <code>{escape(found.store.name)}</code>; <code>{escape(found.dataset.name)}</code> stays as it is."
    return f'<dl class="dss-facts">{cells}</dl><p class="dss-muted dss-small">{grown}</p>{problem_list(notes)}'


def _joins(found: ToLearn) -> str:
    told = [f"train {duration(found.train_seconds)}", f"validation {duration(found.val_seconds)}"]
    told += [f"test {duration(found.test_seconds)}"] if found.test_seconds else []
    told += [f"labels of {duration(found.replaced_seconds)} replaced"] if found.replaced_seconds else []
    return ", ".join(told)


def progress_words(status: JobStatus) -> str:
    """Return how far learning on is, or how it ended, as HTML."""
    told = problem_list(Problem(warning, severity="warning") for warning in status.warnings)
    if status.is_running:
        doing = capital(status.doing) or "Getting ready"
        words = f"{doing}…" if status.share is None else f"{doing}: {status.share:.0%} {time_left(status.seconds_left)}"
        return meter(status.share or 0.0, words) + told
    if status.state == "finished":
        return f'<p><span class="dss-good">✓ Learned</span> What the round brought is told beside.</p>{told}'
    if status.state == "stopped":
        return "<p>Stopped. Press <i>Go on</i> to learn on from where it was.</p>"
    return problem_list([Problem(status.message or "It ended without a word.")]) + told


def learning_code(options: LearningOptions) -> Texts:
    """Return the Python, the command line and the config file that learn on in the same way."""
    python = (
        "from dss_widgets.jobs import follow, start_job\n"
        "from dss_widgets.options.learning import LearningOptions\n\n"
        f"options = {python_call(options)}\n"
        'job = start_job("learn", options)  # a process of its own\n'
        "for event in follow(job):\n"
        "    print(event)\n"
        "network, rounds = job.outcome()\n"
        "print(network, rounds[-1].scores)\n"
    )
    words = ["dss-widgets", "learn-on", options.network or "STEM"]
    words += [options.corrected_folder] if options.corrected_folder else []
    named = {"recordings_folder": "--recordings", "no_song_folder": "--no-song", "store_folder": "--out"}
    for name, flag in named.items():
        words += [flag, getattr(options, name)] if getattr(options, name) else []
    words += ["--new-test", str(options.new_test_fraction)] if options.new_test_fraction else []
    words += {"weights": ["--from-weights"], "anew": ["--anew"]}.get(options.start, [])
    return texts(python, command(*words, *flags(options, *named, "new_test_fraction", "start")), learning=options)
