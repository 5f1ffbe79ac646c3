"""Which currencies there are."""

from babel.numbers import list_currencies

# The codes of ISO 4217, of past currencies as well: old contracts are in them.
CURRENCIES = frozenset(list_currencies())
