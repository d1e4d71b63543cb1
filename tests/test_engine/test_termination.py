import os
import signal

import pytest

from depthdecomp_mm.engine.termination import TerminationRequest

FORKED: list = []
os.register_at_fork(after_in_parent=lambda: FORKED and signal.raise_signal(FORKED.pop()))


@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')
def test_ctrl_c_that_python_drops_is_obeyed_later():
    """It comes while a data loader forks a worker, in a hook of some library."""
    before = signal.getsignal(signal.SIGINT)
    with TerminationRequest() as request:
        request.obey_interruption()
        FORKED.append(signal.SIGINT)
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        with pytest.raises(KeyboardInterrupt):
            request.obey_interruption()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
