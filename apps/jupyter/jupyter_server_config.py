"""Jupyter's configuration for a server that also shows the dashboards, each at voila/render/PATH/dashboard.ipynb.

    JUPYTER_CONFIG_PATH=apps/jupyter jupyter lab

Panels may use the folders that DSS_WIDGETS_ROOTS names; without it, the folder that Jupyter was started in.
"""

import os

from dss_widgets.cli.voila_settings import find_template, voila_settings, without_formulas

c = get_config()  # noqa: F821 - given by Jupyter

os.environ.setdefault("DSS_WIDGETS_ROOTS", os.getcwd())
find_template()
c.VoilaConfiguration.update(voila_settings())
c.VoilaConfiguration.page_config_hook = without_formulas
