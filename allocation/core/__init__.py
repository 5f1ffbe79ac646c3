"""
Consolidate: which maintenance covers which license. Pure rules on values, no Django, no clock.

The rules are those of the specification *Consolidate: the allocation rules*; names and predicates
here are the ones it defines.
"""
