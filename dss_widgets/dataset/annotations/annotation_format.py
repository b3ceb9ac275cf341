"""What an annotation format declares about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.errors import DataError


@dataclass(frozen=True)
class AnnotationFormat:
    """A format of annotations.

    Attributes:
        name: what people call it.
        suffixes: endings of its files' names, or whole names, in lower case; the longest that fits is cut off to get the
            recording's name.
        read: reads a file; raises :class:`~dss_widgets.errors.DataError` where it cannot.
        recognise: says, by looking into a file, whether it is of this format; None where the ending alone says so.
        within_recording: the annotations lie in the recording's own file. Such files are asked only if nothing else
            annotates the recording.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[AnnotationFile], Reading]
    recognise: Callable[[AnnotationFile], bool] | None = None
    within_recording: bool = False

    def fits(self, file: AnnotationFile) -> bool:
        """Return whether a file is of this format.

        Raises:
            DataError: it cannot be told, whatever the recogniser raises.
        """
        if not file.lower_name.endswith(self.suffixes):
            return False
        try:
            return self.recognise is None or self.recognise(file)
        except DataError:
            raise
        except Exception as error:  # as for readers
            raise DataError(f"{file.path}: cannot be recognised as {self.name} ({type(error).__name__}: {error}).") from error

    def reading_of(self, file: AnnotationFile) -> Reading:
        """Read a file.

        Raises:
            DataError: it cannot be read, whatever the reader raises.
        """
        try:
            return self.read(file)
        except DataError:
            raise
        except Exception as error:  # a reader may be the user's own and raise anything
            raise DataError(
                f"{file.path}: cannot be read as {self.name} ({type(error).__name__}: {error}). Is it of this format?"
            ) from error
