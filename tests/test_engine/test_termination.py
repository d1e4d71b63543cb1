import os
import signal

import pytest
from mmengine.dist import get_rank

from depthdecomp_mm.engine.termination import TerminationRequest
from tests.reliability.ranks import run_ranks

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


def ask():
    """Each rank's answers, the second rank being told to end before it asks for the second time."""
    with TerminationRequest() as request:
        answers = []
        for step in range(4):
            if step == 1 and get_rank() == 1:
                signal.raise_signal(signal.SIGTERM)
            answers.append(request.any_rank_before())
    with TerminationRequest() as other:
        other.received = get_rank() == 1
        return answers, other.any_rank()


def test_ranks_agree_a_step_later(tmp_path):
    """So that no rank waits for the answers of the others."""
    agreed = [False, False, True, True], True
    assert run_ranks(ask, 2, tmp_path) == [agreed, agreed]
