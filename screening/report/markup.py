"""HTML that cannot forget to escape: text is escaped on the way in, only elements built here pass as they are."""

from __future__ import annotations

from html import escape

VOID = frozenset({"meta", "br", "hr"})


class Html(str):
    """A piece of finished HTML."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Html:
    """One element. A trailing underscore lets attributes be named like keywords.

    >>> element("td", "<5 & rising", class_="fail")
    '<td class="fail">&lt;5 &amp; rising</td>'
    """
    opening = "".join(f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{opening}>")
    return Html(f"<{tag}{opening}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Html:
    """Several pieces in a row; what is not Html yet is escaped."""
    return Html("".join(child if isinstance(child, Html) else escape(child, quote=False) for child in children))
