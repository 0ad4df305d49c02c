"""A study over several processes or machines: the same numbers, to the last bit, from wherever its parts are made."""
