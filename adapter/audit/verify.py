"""Whether a trail is whole: every line as it was written, none missing, none put in, and each intent with its event."""

from collections.abc import Iterable, Iterator

import msgspec

from adapter.audit.chain import Link, link_of
from adapter.audit.event import VERSION, Brief
from adapter.audit.reading import Numbered

_BRIEF = msgspec.json.Decoder(Brief)


class Verified:
    """Judges the lines of one trail, in one file or in several, the oldest first; `faults` tells what is wrong.

    With `restarts` a line without one before it may begin a new chain, as each start does on standard output. `noted` are
    hashes that were noted earlier: each must be there.
    """

    def __init__(self, *, restarts: bool = False, noted: Iterable[str] = ()) -> None:
        self._restarts, self._missed = restarts, set(noted)
        self._open: dict[str, str] = {}
        self._is_begun = False
        self.first: str | None = None
        """What the first line says of the one before it; None where the chain begins with it."""
        self.head: str | None = None
        """The hash of the last line: what is worth noting elsewhere."""
        self.intents = self.events = 0

    def faults(self, lines: Iterable[Numbered]) -> Iterator[str]:
        """Return each fault, with its place, as it is found."""
        for each in lines:
            link = link_of(each.text)
            if link is None:
                torn = "the last line was torn by a crash" if not each.is_whole else "this is no line of an audit trail"
                yield f"{each.place}: {torn}"
                continue
            yield from self._linked(each, link)
            yield from self._paired(each, link)
        for place in self._open.values():
            yield f"{place}: an intent without its event: it is under way, or is settled at the next start"
        for noted in sorted(self._missed):
            yield f"{noted}: no line has this hash: what was there when it was noted has been cut off or made anew"

    def _linked(self, line: Numbered, link: Link) -> Iterator[str]:
        if not link.is_right:
            yield f"{line.place}: this line was changed after it was written"
        if not self._is_begun:
            self._is_begun, self.first = True, link.prev
        elif link.prev != self.head and not (link.prev is None and self._restarts):
            yield f"{line.place}: this line does not follow from the one before it: lines are missing, or out of order"
        self.head = link.hash
        self._missed.discard(link.hash)

    def _paired(self, line: Numbered, link: Link) -> Iterator[str]:
        try:
            brief = _BRIEF.decode(link.body)
        except (ValueError, RecursionError):
            yield f"{line.place}: this is no line of an audit trail"
            return
        if brief.v != VERSION:
            yield f"{line.place}: this line has form {brief.v}; this program knows {VERSION}"
        if brief.kind == "intent":
            self.intents += brief.id not in self._open  # after a rotation the new file repeats what is open
            self._open[brief.id] = line.place
            return
        self.events += 1
        if self._open.pop(brief.id, None) is None and brief.intended:
            yield f"{line.place}: an event without its intent, or a second one"
