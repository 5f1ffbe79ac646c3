"""
The one frame of all list pages.

A list declares its columns and filters; searching, filtering, sorting, paging, column choice,
totals and export follow from the address alone, so that every view of a list can be shared. An
export holds exactly what the page shows: same scope, filters, order and columns.
"""

from common.lists.asked_list import LISTS, PASSING
from common.lists.declaring import Chip, Column, View
from common.lists.record_list import RecordList

__all__ = ["LISTS", "PASSING", "Chip", "Column", "RecordList", "View"]
