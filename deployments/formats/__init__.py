"""
Readers of inventory files: from the formats that other tools export to values of one shape.

Nothing here knows Django or the database. The readers run in a process of their own with limited
memory and time (``process``); what the application itself needs of them is named here.
"""

from deployments.formats.catalogue import FORMATS, Format
from deployments.formats.fields import FIELDS, template_csv

__all__ = ["FIELDS", "FORMATS", "Format", "template_csv"]
