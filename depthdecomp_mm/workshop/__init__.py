"""What the experiments of this project are made with: no model, no data set and no tool of a user.

Nothing outside imports it but command lines and tests.
"""
