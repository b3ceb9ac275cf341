"""What can be chosen: every option is declared here once, and nowhere else.

A declaration yields the form field, the command-line flag, the config file, the params file and the docs' table.
"""

from dss_widgets.options.assembly import AssemblyOptions
from dss_widgets.options.base import Options
from dss_widgets.options.declaration import Option
from dss_widgets.options.files import load_options, save_options
from dss_widgets.options.place import PlaceOptions
from dss_widgets.options.prediction import PredictionOptions
from dss_widgets.options.presets import PRESETS, Preset, misfit, preset_values
from dss_widgets.options.training import TrainingOptions

__all__ = [
    "PRESETS",
    "AssemblyOptions",
    "Option",
    "Options",
    "PlaceOptions",
    "PredictionOptions",
    "Preset",
    "TrainingOptions",
    "load_options",
    "misfit",
    "preset_values",
    "save_options",
]
