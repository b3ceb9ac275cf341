"""What holds for all tests."""

import signal

from hypothesis import settings

settings.register_profile("patient", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in what a shell's script starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # processes that tests start inherit it, and are to be interrupted
