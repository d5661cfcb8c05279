"""A second count of rankings, by another way: ballot by ballot, in decimal numbers, as a returning officer would on paper.

It shares nothing with `forums.vote.methods.ranking`: no whole hundred-thousandths, no grouping of equal ballots.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

FIFTH = Decimal("0.00001")


class Paper:
    def __init__(self, order):
        self.order, self.value = list(order), Decimal(1)

    def next_among(self, standing):
        """The first option of the order that stands; those before it are crossed out for good."""
        while self.order and self.order[0] not in standing:
            del self.order[0]
        return self.order[0] if self.order else None


def stages(ballots, places, draw):
    """(what was done, its option, votes of each, elected) of each stage. `draw`: options, the luckiest first."""
    papers = [Paper(ballot) for ballot in ballots]
    hands = {option: [] for option in draw if any(option in ballot for ballot in ballots)}
    standing, elected, to_pass, history, told = set(hands), [], {}, [], ("first", None)
    for paper in papers:
        hands[paper.next_among(standing)].append(paper)
    fixed: dict[int, Decimal] = {}
    while True:
        votes = {
            o: fixed.get(o, sum((paper.value for paper in hand), Decimal(0))) for o, hand in hands.items()
        }
        history.append(votes)
        whole = len(papers) if places > 1 else int(sum(votes[option] for option in standing))
        quota = Decimal(whole // (places + 1) + 1)
        now = [option for option in standing if votes[option] >= quota]
        to_pass |= {option: votes[option] - quota for option in now if votes[option] > quota}
        now = in_order(now, history, draw)
        standing -= set(now)
        if len(standing) <= places - len(elected) - len(now):
            now += in_order(standing, history, draw)
            standing = set()
        elected += now
        yield *told, votes, tuple(now)
        if len(elected) >= places or not standing:
            return
        if to_pass:
            option = in_order(to_pass, history, draw)[0]
            surplus, total = to_pass.pop(option), votes[option]
            for paper in hands[option]:
                paper.value = (surplus * paper.value / total).quantize(FIFTH, ROUND_DOWN)
            fixed[option] = quota
        else:
            option = in_order(standing, history, draw)[-1]
            standing.remove(option)
        told = ("surplus" if option in fixed else "exclusion", option)
        given, hands[option] = hands[option], []
        for paper in given:
            if heir := paper.next_among(standing):
                hands[heir].append(paper)


def in_order(options, history, draw):
    """The strongest first: by the last stage, by those before it where equal, by the draw where equal at all."""
    ordered = sorted(options, key=draw.index)
    for votes in history:
        # Each sort keeps the order of the former one between equals: the last stage, sorted last, comes first.
        ordered.sort(key=votes.__getitem__, reverse=True)
    return ordered
