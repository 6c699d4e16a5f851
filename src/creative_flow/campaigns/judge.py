"""Which ads of a CSV a campaign has, from what its page lists. Pure: nothing is asked here.

Ads of one name can't be told apart where the page shows no Creative IDs; a name may be shown cut.
Whatever can't be told is neither there nor missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from attrs import frozen

from creative_flow.campaign import Ad, ListedAds
from creative_flow.creative import may_be_shown_as
from creative_flow.ledger import SentAd


@frozen
class Seen:
    """The places of ads: those that are there, those that are not, and what can't be told."""

    there: frozenset[int]
    missing: frozenset[int]
    open: frozenset[int]


def about_to_send(ads: Sequence[Ad], listed: ListedAds) -> tuple[SentAd, ...]:
    """Return ads as an intent has them, with what the campaign had of each before."""
    return tuple(
        SentAd(ad.name, ad.creative_ids, listed.like(ad), len(_changed(ad, listed))) for ad in ads
    )


def look_for(ads: Sequence[SentAd], listed: ListedAds) -> Seen:
    """Look for ads among those listed, beyond what the campaign had before."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for place, sent in enumerate(ads):
        groups[sent.ad.key].append(place)
    there: set[int] = set()
    doubtful: set[int] = set()
    for places in groups.values():
        found = {
            place: {n for n, it in enumerate(listed.ads) if ads[place].ad.may_be(it)}
            for place in places
        }
        shared = set.union(*found.values())
        if sum(map(len, found.values())) == len(shared):
            there.update(it for it in places if len(found[it]) > ads[it].had)
            continue
        # They compete for the same entries: all of them or none can be told, nothing between.
        new = len(shared) - max(ads[it].had for it in places)
        if new >= len(places):
            there.update(places)
        elif new > 0:
            doubtful.update(places)
    rest = set(range(len(ads))) - there
    doubtful |= {it for it in rest if len(_changed(ads[it].ad, listed)) > ads[it].alike}
    return Seen(frozenset(there), frozenset(rest - doubtful), frozenset(doubtful))


def has_already(ads: Sequence[Ad], listed: ListedAds) -> Seen:
    """Look for ads that a campaign may have had for long.

    What may be another ad is in doubt only where the page shows that it has changed the name.
    """
    seen = look_for([SentAd(ad.name, ad.creative_ids) for ad in ads], listed)
    odd = ListedAds(0, tuple(it for it in listed.ads if _shows_a_change(it)))
    told = {it for it in seen.open if not _changed(ads[it], odd) and not listed.like(ads[it])}
    return Seen(seen.there, seen.missing | told, seen.open - told)


def grew_by(seen: Seen, before: int, listed: ListedAds) -> bool:
    """Say whether the total grew by exactly the ads that are there, and nothing is in doubt."""
    return listed.complete and not seen.open and listed.total == before + len(seen.there)


def _changed(ad: Ad, listed: ListedAds) -> list[Ad]:
    """Return what may be this ad under a name that the page has cut or changed."""
    return [
        it
        for it in listed.ads
        if it.key != ad.key
        and may_be_shown_as(ad.key, it.name)
        and set(it.creative_ids) <= set(ad.creative_ids)
    ]


def _shows_a_change(listed: Ad) -> bool:
    return listed.name.rstrip().endswith(("…", "..."))
