"""From a dataset to a trained, evaluated network, and predictions: the only room with tensorflow and openvino.

The functions stand in modules of their own names, so that importing the package does not load tensorflow::

    from dss_widgets.network.fit import fit
    from dss_widgets.network.evaluate import evaluate
    from dss_widgets.network.predict import predict, probabilities
    from dss_widgets.network.trained import load_trained
"""
