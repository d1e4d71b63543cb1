"""Training on GPUs, tested without one."""

import pytest

pytest.register_assert_rewrite(f'{__name__}.steps')
