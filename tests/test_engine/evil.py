"""What a hostile checkpoint holds."""

import os


class Evil:
    """Would create a file when unpickled without care."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (os.mkdir, (str(self.trace),))
