"""Refait le dépouillement d’une urne scellée, sans faire confiance au portail.

    python recompter.py urne.json --sceau SCEAU [--recu REÇU] [--json]

SCEAU est celui qui a été projeté après la fermeture du vote et inscrit au procès-verbal; REÇU est votre reçu.
Ce programme se contente de Python 3.8 ou plus récent, ne va jamais sur Internet et n’écrit aucun fichier. Son
code de sortie est 0 si tout concorde. Ce que contient l’urne est décrit dans docs/vote.md.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

TIE_RULE = "sha256-seed-ballots-option/1"
# Les méthodes de chaque format, et les limites de chacune : la première est obligatoire, sauf pour une décision.
FORMATS = {"pole-urne/1": ("approval", "points"), "pole-urne/2": ("approval", "points", "decision")}
FRACTIONS = ("threshold_numerator", "threshold_denominator", "quorum_numerator", "quorum_denominator")
FORMER_LIMITS = ("limit", "points", "points_each")
LIMITS = {"approval": ("limit",), "points": ("points", "points_each"), "decision": FRACTIONS}
ANSWERS = ("for", "against", "abstention")
READINGS = {"most_supported": "les plus appuyées", "balanced": "lecture équilibrée"}
ALIKE = str.maketrans("OIL", "011")
TIE = ("reading", "place", "options", "value", "kept", "decides")


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical(value):
    """La seule façon d’écrire une valeur : clés triées, aucune espace, aucun échappement superflu."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def pairs(question, ballot):
    """Un bulletin en paires (option ou réponse, points) : une case cochée vaut un point."""
    return ballot if question["method"] == "points" else [(marked, 1) for marked in ballot]


def box_faults(text, box):
    """Ce qui ne va pas dans l’urne, une phrase par défaut."""
    if box["format"] not in FORMATS or box["tie_rule"]["id"] != TIE_RULE or box["reading"] not in READINGS:
        yield "L’urne est d’un format, ou demande une lecture, que ce programme ne connaît pas."
    if canonical(box) + "\n" != text:
        yield "Le texte de l’urne n’est pas sous sa forme canonique : il a été retouché."
    if sha256(box["seed"]) != box["seed_hash"]:
        yield "La graine du tirage n’est pas celle dont l’empreinte a été publiée à l’ouverture du vote."
    receipts, positions = box["receipts"], [question["position"] for question in box["questions"]]
    if receipts != sorted(set(receipts)) or positions != sorted(set(positions)):
        yield "Les reçus ou les questions ne sont pas triés, ou l’un d’eux vient deux fois."
    cast = {len(each["ballots"]) + each["blank"] + each["rejected"] for each in box["questions"]}
    if len(cast) != 1 or len(receipts) > min(cast):
        yield "Les nombres de bulletins et de reçus ne concordent pas."
    if box["format"] == "pole-urne/2" and not (type(box.get("on_roll")) is int and box["on_roll"] >= 0):
        yield "Le nombre de personnes sur la liste n’est pas valable."
    for question in box["questions"]:
        yield from (f"Question {question['position']} : {fault}" for fault in question_faults(box, question))


def question_faults(box, question):
    options, ballots = [option["number"] for option in question["options"]], question["ballots"]
    counts = [question[name] for name in ("position", "blank", "rejected", "to_retain")] + options
    limits = question.get("limits")
    if box["format"] == "pole-urne/1":
        # Une clé par limite, nulle si la méthode n’en a pas.
        limits = {key: question[key] for key in FORMER_LIMITS if question[key] is not None}
    is_known = question["method"] in FORMATS.get(box["format"], ()) and are_limits(question["method"], limits)
    is_known = is_known and (question["method"] != "decision" or len(options) == 1)
    if not is_known or not all(type(n) is int and n >= 0 for n in counts):
        yield "la méthode ou l’un des nombres annoncés n’est pas valable."
        return
    if options != sorted(set(options)) or ballots != sorted(ballots):
        yield "les options ou les bulletins ne sont pas triés."
    known = set(ANSWERS if question["method"] == "decision" else options)
    whole = limits.get("limit") or limits.get("points") or 1
    most = limits.get("points_each", whole)
    for place, ballot in enumerate(ballots, start=1):
        marked, given = zip(*pairs(question, ballot)) if ballot else ([], [])
        # Pour Python, « true » et 1.0 sont égaux à 1.
        are_exact = all(type(each) in (int, str) for each in [*marked, *given])
        in_order = list(marked) == sorted(set(marked)) and set(marked) <= known
        in_limits = all(1 <= points <= most for points in given) and 1 <= sum(given) <= whole
        if not (are_exact and in_order and in_limits):
            yield f"le bulletin {place} enfreint les règles du vote : {ballot}"


def are_limits(method, limits):
    are_whole = all(number > 0 and type(number) is int for number in limits.values())
    top, bottom, least, whole = (limits.get(name, 0) for name in FRACTIONS)
    are_fractions = all(0 < n < d or n == d for n, d in ((top, bottom), (least, whole)))
    has_first = method == "decision" or LIMITS[method][0] in limits
    return are_whole and are_fractions and has_first and set(limits) <= set(LIMITS[method])


def recount(box):
    """Le résultat complet, sous la forme de « count » dans le resultats.json du portail."""
    questions = [recount_question(box, question) for question in box["questions"]]
    return {"format": "pole-depouillement/1", "reading": box["reading"], "questions": questions}


def recount_question(box, question):
    ballots, places = question["ballots"], question["to_retain"]
    totals, detail = {option["number"]: 0 for option in question["options"]}, {}
    if question["method"] == "decision":
        # Rien à classer ni à retenir : tout est dans le détail.
        totals, places, detail = {}, 0, {"detail": decide(box, question)}
    for ballot in ballots if totals else []:
        for number, points in pairs(question, ballot):
            totals[number] += points
    # Le tirage au sort : à égalité, l’option dont l’empreinte est la plus petite passe devant.
    drawn = f"{box['seed']}:{sha256(canonical(ballots))}:{question['position']}."
    draw = {number: sha256(f"{drawn}{number}") for number in totals}
    order = sorted(totals, key=lambda number: (-totals[number], draw[number]))
    ranks = {number: 1 + sum(total > totals[number] for total in totals.values()) for number in order}
    # Une option que personne n’appuie n’est jamais retenue.
    retained = most = [number for number in order if totals[number] > 0][:places]
    ties = list(ties_of_totals(order, ranks, totals, most))
    reading, balanced, weights, other, whole = "most_supported", None, [], None, sum(totals.values())
    if question["method"] == "approval":
        balanced, weights, more_ties = recount_balanced(ballots, draw, places)
        ties, reading, whole = ties + more_ties, box["reading"], len(ballots) + question["blank"]
        lists = {"most_supported": most, "balanced": balanced}
        retained, (name, second) = lists.pop(reading), lists.popitem()
        entering, leaving = sorted(set(second) - set(retained)), sorted(set(retained) - set(second))
        is_reordered = second != retained and not entering and not leaving
        other = {"reading": name, "entering": entering, "leaving": leaving, "is_reordered": is_reordered}
    shares = {number: str(Fraction(totals[number], whole or 1)) for number in order}
    rows = [{"number": n, "total": totals[n], "rank": ranks[n], "share": shares[n]} for n in order]
    result = {name: question[name] for name in ("position", "blank", "rejected")}
    result.update(reading=reading, totals=rows, retained=retained, unfilled=places - len(retained))
    result.update(most_supported=most, balanced=balanced, weights=weights, other=other, ballots=len(ballots))
    result.update(unsupported=sorted(number for number in totals if totals[number] == 0))
    return {**result, "ties": [dict(zip(TIE, each)) for each in ties], **detail}


def decide(box, question):
    """Les trois nombres, puis si le quorum est atteint (nul s’il n’y en a pas) et la proposition, adoptée."""
    given = {answer: question["ballots"].count([answer]) for answer in ANSWERS}
    top, bottom, least, whole = (question["limits"].get(name, 0) for name in FRACTIONS)
    cast = len(question["ballots"]) + question["blank"] + question["rejected"]
    quorum_met = cast >= Fraction(least, whole) * box["on_roll"] if least else None
    # Les abstentions ne sont d’aucun côté; sans seuil, il faut plus de pour que de contre.
    voices, passes = given["for"] + given["against"], given["for"] > given["against"]
    if top:
        passes = voices > 0 and given["for"] >= Fraction(top, bottom) * voices
    return {**given, "quorum_met": quorum_met, "adopted": passes and quorum_met is not False}


def ties_of_totals(order, ranks, totals, retained):
    for rank in sorted({ranks[number] for number in retained}):
        equals = [number for number in order if ranks[number] == rank]
        kept = [number for number in retained if ranks[number] == rank]
        decides = "order" if kept == equals else "retained"
        if len(equals) > 1:
            yield "most_supported", rank, equals, str(totals[equals[0]]), kept, decides


def recount_balanced(ballots, draw, places):
    """La lecture équilibrée (Thiele, 1895) : chaque place va à l’option qui ajoute le plus à la valeur totale."""
    chosen, weights, ties = [], [], []
    while len(chosen) < min(places, len(draw)):
        now = value(ballots, set(chosen))
        gains = {number: value(ballots, {*chosen, number}) - now for number in draw if number not in chosen}
        best = max(gains.values())
        if best == 0:
            break
        equals = sorted((number for number in gains if gains[number] == best), key=draw.get)
        if len(equals) > 1:
            ties.append(("balanced", len(chosen) + 1, equals, str(best), equals[:1], "place"))
        chosen.append(equals[0])
        weights.append(str(best))
    return chosen, weights, ties


def value(ballots, chosen):
    """La valeur totale : un bulletin dont j options sont retenues vaut 1 + 1/2 + … + 1/j."""
    sizes = Counter(len(chosen.intersection(ballot)) for ballot in ballots)
    return sum(times * Fraction(1, j) for size, times in sizes.items() for j in range(1, size + 1))


def named(numbers):
    return ", ".join(f"no {number}" for number in numbers) or "aucune"


def report(box, result, seal, receipt):
    yield f"{box['forum_title']} ({box['forum_date']}), vote no {box['round_number']}"
    yield f"Sceau de l’urne : {seal}\nEmpreinte de la graine : {box['seed_hash']}\nReçus : {len(box['receipts'])}"
    for question, counted in zip(box["questions"], result["questions"]):
        yield f"\nQuestion {question['position']} : {question['title']}"
        yield f"Bulletins : {counted['ballots']}; blancs : {counted['blank']}; rejetés : {counted['rejected']}"
        if question["method"] == "decision":
            told = counted["detail"]
            top, bottom, least, whole = (question["limits"].get(name, 0) for name in FRACTIONS)
            yield from (f"Proposition : {option['title']}" for option in question["options"])
            yield f"Pour : {told['for']}; contre : {told['against']}; abstentions : {told['abstention']}"
            needed = f"au moins {top}/{bottom} des voix" if top else "plus de pour que de contre"
            yield f"Seuil : {needed} (abstentions exclues)"
            cast = sum(counted[name] for name in ("ballots", "blank", "rejected"))
            met = "atteint" if told["quorum_met"] else "non atteint"
            quorum = f"{least}/{whole} des {box['on_roll']} personnes sur la liste; bulletins : {cast}; {met}"
            yield f"Quorum : {quorum if least else 'aucun'}"
            yield f"\nProposition {'adoptée' if told['adopted'] else 'non adoptée'}."
            continue
        yield f"À retenir : {question['to_retain']}; lecture qui décide : {READINGS[counted['reading']]}\n"
        yield f"  rang    no  {'points' if counted['balanced'] is None else 'appuis'}     part"
        titles = {option["number"]: option["title"] for option in question["options"]}
        for row in counted["totals"]:
            share = f"{float(100 * Fraction(row['share'])):.1f} %".replace(".", ",")
            mark = "retenue" if row["number"] in counted["retained"] else ""
            yield f"{row['rank']:6}{row['number']:6}{row['total']:8}{share:>9}  {mark:9}{titles[row['number']]}"
        yield f"\nRetenues, dans l’ordre : {named(counted['retained'])}; places vides : {counted['unfilled']}"
        for each in counted["ties"]:
            equals, kept = named(sorted(each["options"])), named(each["kept"])
            yield f"Égalité, place {each['place']} ({READINGS[each['reading']]}) : {equals}; tirage : {kept}"
        if counted["other"]:
            name, entering, leaving = (counted["other"][key] for key in ("reading", "entering", "leaving"))
            yield f"L’autre ({READINGS[name]}) ferait entrer : {named(entering)}; sortir : {named(leaving)}"
    yield f"\nL’urne est intacte{', et ce reçu y est' if receipt else ''}. Comparez sceau et empreinte à ceux publiés."


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("urne", "--sceau", "--recu"):
        parser.add_argument(name)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")
    try:
        text = Path(given.urne).read_bytes().decode("utf-8")
        box = json.loads(text)
        faults = list(box_faults(text, box))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        sys.exit(f"L’urne ne se lit pas : {error!r}")
    if given.sceau and given.sceau.lower() != sha256(text):
        faults.append(f"Ce fichier n’est pas l’urne scellée : son sceau est {sha256(text)}.")
    receipt = "".join(each for each in (given.recu or "").upper().translate(ALIKE) if each.isalnum())
    if given.recu and sha256(receipt) not in box["receipts"]:
        faults.append("Ce reçu n’est pas dans l’urne.")
    if faults:
        sys.exit("\n".join(faults))
    result = recount(box)
    for line in [json.dumps(result)] if given.json else report(box, result, sha256(text), receipt):
        # Sans les caractères invisibles qui pourraient maquiller l’écran.
        print("".join(each if each.isprintable() or each in "\n\u00a0\u202f" else "?" for each in line))


if __name__ == "__main__":
    main()
