"""GetAccountAuthorizationDetails page by page, as IAM gives it; moto tells everything at once.

Source: IAM API Reference, GetAccountAuthorizationDetails: MaxItems (100 unless asked otherwise,
1000 at most), Marker, IsTruncated.
"""

from __future__ import annotations

from typing import Any

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_USUAL, _MOST = 100, 1000


def install() -> None:
    """Have moto's IAM answer so, in this process."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    everything = IamResponse.get_account_authorization_details

    def paged(response: Any) -> ActionResult:
        whole: Any = everything(response).result
        asked = int(response._get_param("MaxItems", _USUAL))
        start = int(response._get_param("Marker", "0"))
        return ActionResult(page(whole, start, min(asked, _MOST)))

    vars_of: Any = IamResponse
    vars_of.get_account_authorization_details = paged


def page(whole: dict[str, Any], start: int, count: int) -> dict[str, Any]:
    """Some of the items, counted through all lists; with a Marker where there are more."""
    found: dict[str, Any] = {}
    passed = 0
    for name in _LISTS:
        items = list(whole[name])
        found[name] = items[max(0, start - passed) : max(0, start + count - passed)]
        passed += len(items)
    more = start + count < passed
    return found | {"IsTruncated": more} | ({"Marker": str(start + count)} if more else {})
