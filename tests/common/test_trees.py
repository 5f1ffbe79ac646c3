"""No record comes to stand above itself."""

import pytest

from common.trees import closes_a_circle

# 3 stands above 2, and 2 above 1; 8 and 9 stand above each other already.
ABOVE = {1: 2, 2: 3, 8: 9, 9: 8}


@pytest.mark.parametrize(
    ("record", "above", "closes"),
    [
        pytest.param(3, None, False, id="nothing above"),
        pytest.param(3, 4, False, id="one more above"),
        pytest.param(5, 1, False, id="one more beneath"),
        pytest.param(3, 3, True, id="itself"),
        pytest.param(2, 1, True, id="what stands beneath it"),
        pytest.param(3, 1, True, id="what stands beneath it through others"),
        pytest.param(1, 3, False, id="what stands above it already, through others"),
        pytest.param(5, 8, False, id="a circle that it is no part of"),
    ],
)
def test_closes_a_circle(record: int, above: int | None, closes: bool) -> None:
    assert closes_a_circle(record, above, ABOVE) is closes
