"""
Workbooks: contracts, licenses and maintenance read from spreadsheets and written into them.

``cells``, ``columns``, ``presets``, ``headers`` and ``rows`` are pure. ``parser`` runs in a process
of its own. ``staging``, ``planning``, ``applying`` and ``undoing`` work by sets in the database.
Pages call ``services``, the worker calls ``jobs``.
"""
