"""The master CSV, whose columns all installed platforms share, ready to be kept in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from creative_flow import registry
from creative_flow.ledger import InventoryMirror, PlatformColumns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from creative_flow.ledger.anyledger import AnyLedger
    from creative_flow.platform import PlatformInfo
    from creative_flow.workspace import Workspace


def master_mirror(
    ledger: AnyLedger, place: Workspace, known: Mapping[str, PlatformInfo] | None = None
) -> InventoryMirror:
    """Return the mirror of a workspace's inventory. Raises `SettingsError` as plugins do.

    ``known`` is what the platforms say of themselves, where they were asked already.
    """
    infos = sorted(
        (registry.infos(place.overrides_file) if known is None else known).items(),
        key=lambda item: (item[1].inventory_order, item[0]),
    )
    return InventoryMirror(
        ledger,
        ledger.inventory(place.identity),
        place.master_csv,
        platforms=[
            PlatformColumns(name, info.column_prefix, info.inventory_columns)
            for name, info in infos
        ],
        kept_aside=place.kept_aside,
    )


def master_mirror_in_use(ledger: AnyLedger, place: Workspace) -> InventoryMirror | None:
    """Return `master_mirror` if anything was ever processed in the workspace, else None."""
    rows = ledger.inventory(place.identity).rows()
    in_use = place.master_csv.exists() or next(rows, None) is not None
    return master_mirror(ledger, place) if in_use else None
