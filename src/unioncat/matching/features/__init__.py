"""What is compared: one module for each feature, `extract` (from the record) and `compare` (two facts).

Features know nothing of each other; every `compare` is symmetric up to the exchange of left and right.
"""
