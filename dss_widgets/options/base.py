"""The base of all options: traits with declarations, rules between them, and plain values in and out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import traitlets as t

from dss_widgets.errors import OptionsError, Problem
from dss_widgets.options.declaration import Option, describe, shortened

_KIND_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "flags": "a list of true and false",
    "names": "a list of names (numbers in quotes)",
    "mapping": "names and their new names (numbers in quotes)",
}


class Options(t.HasTraits):
    """Traits that are options: every public trait carries a label and a help text.

    A bad value raises :class:`~dss_widgets.errors.OptionsError` that names the option and its bounds, whether it is set
    as an attribute, given to the constructor or read from a file.

    Example:
        >>> options = AssemblyOptions(gap_seconds=0.002)
        >>> [str(problem) for problem in options.problems()]
        ['data_folder: is empty. Choose the folder with the recordings and their annotations.']
    """

    _declarations: ClassVar[dict[str, Option]]

    def __init__(self, **values: Any) -> None:
        known = self.declared()
        problems = []
        for name, value in values.items():
            if name not in known:
                problems.append(unknown_option(name, known))
                continue
            wrong = self._fault(known[name], value)
            if wrong:
                problems.append(wrong)
        if problems:
            raise OptionsError(problems)
        super().__init__(**values)

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """Return the declarations by name, in the order of a form."""
        order = {name: i for i, name in enumerate(_definition_order(cls))}
        traits = cls.class_traits(label=lambda label: label is not None)
        return {name: describe(name, traits[name]) for name in sorted(traits, key=lambda name: order[name])}

    @classmethod
    def _fault(cls, option: Option, value: Any) -> Problem | None:
        """Return the problem of a value that an option cannot have."""
        try:
            if value is not None:
                trait: Any = cls.class_traits()[option.name]
                trait.validate(t.HasTraits(), value)
        except (t.TraitError, ValueError, OverflowError):  # traitlets fails at thousands of digits
            wrong = option.check(value) if _comparable(option, value) else None
            return Problem(
                wrong or f"must be {_KIND_WORDS.get(option.kind, 'text')}, not {shortened(value)}.", field=option.name
            )
        wrong = option.check(value)
        return Problem(wrong, field=option.name) if wrong else None

    def __setattr__(self, name: str, value: Any) -> None:
        option = self._declared_once().get(name)
        if option is not None:
            wrong = self._fault(option, value)
            if wrong:
                raise OptionsError([wrong])
        elif not name.startswith("_") and not hasattr(type(self), name):
            raise OptionsError([unknown_option(name, self._declared_once())])
        super().__setattr__(name, value)

    @classmethod
    def _declared_once(cls) -> dict[str, Option]:
        if "_declarations" not in cls.__dict__:
            cls._declarations = cls.declared()
        return cls._declarations

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the options as a whole: rules between them, folders that are not there."""
        yield from ()

    def check(self) -> None:
        """Raise if anything stands against these options.

        Raises:
            OptionsError: with every problem that is an error, each naming its field.
        """
        errors = [problem for problem in self.problems() if problem.is_error]
        if errors:
            raise OptionsError(errors)

    def as_dict(self, *, changed_only: bool = False) -> dict[str, Any]:
        """Return the options as plain values, all or only those that differ from their defaults."""
        values = {name: _plain(getattr(self, name)) for name in self._declared_once()}
        if changed_only:
            values = {name: value for name, value in values.items() if value != self._declared_once()[name].default}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make options of plain values.

        Raises:
            OptionsError: for every name that is no option (with the nearest that is) and every bad value.
        """
        odd = [name for name in values if not isinstance(name, str)]
        if odd:
            raise OptionsError(unknown_option(str(name), cls._declared_once()) for name in odd)
        return cls(**dict(values))

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several options, all or none.

        Raises:
            OptionsError: as :meth:`from_dict`; then nothing has changed.
        """
        type(self).from_dict(values)
        with self.hold_trait_notifications():
            for name, value in values.items():
                setattr(self, name, value)

    def copy(self, **changes: Any) -> Self:
        """Return a copy, with some options changed."""
        return type(self).from_dict({**self.as_dict(), **changes})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.as_dict() == other.as_dict()

    __hash__ = t.HasTraits.__hash__

    def __repr__(self) -> str:
        chosen = ", ".join(f"{name}={value!r}" for name, value in self.as_dict(changed_only=True).items())
        return f"{type(self).__name__}({chosen})"


def _definition_order(cls: type) -> list[str]:
    names: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        names.update(dict.fromkeys(name for name, value in vars(base).items() if isinstance(value, t.TraitType)))
    return list(names)


def _comparable(option: Option, value: Any) -> bool:
    if option.kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if option.kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option.kind == "names":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    return value is None or option.kind == "choice"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return list(value) if isinstance(value, list | tuple) else value


def unknown_option(name: str, known: Mapping[str, Option]) -> Problem:
    """Return the problem of a name that is no option, with the nearest that is."""
    nearest = difflib.get_close_matches(name, known, n=1)
    mend = f"Did you mean {nearest[0]!r}?" if nearest else f"The options are: {', '.join(known)}."
    return Problem("is not an option.", mend, field=name)
