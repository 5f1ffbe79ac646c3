"""Records that stand above others of their kind: a circle of them is no tree."""

from collections.abc import Mapping


def closes_a_circle(record_id: int, above_id: int | None, above: Mapping[int, int]) -> bool:
    """
    Whether a record would come to stand above itself.

    :param record_id: the record
    :param above_id: the one that is to stand above it; None: none is
    :param above: by the id of every other record that has one, the id of what stands above it
    """
    seen = set[int]()
    while above_id is not None and above_id not in seen:
        if above_id == record_id:
            return True
        seen.add(above_id)
        above_id = above.get(above_id)
    return False
