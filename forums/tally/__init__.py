"""Counting, from the sealed box alone: plain values in, frozen dataclasses out, exact arithmetic, no Django.

`box` is what a box holds and its text; `count` makes of it a whole result, by the methods of
`forums.vote.methods`; `ranking` orders options by their totals, and `ties` is the lottery that separates equals. `recompter.py` is for
strangers: a second count, written apart, that imports nothing from here. docs/vote.md describes it all.
"""
