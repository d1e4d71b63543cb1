"""The parts of ``benchmark.py``, one a module with ``ROUNDS``, ``add_arguments`` and ``run``."""
