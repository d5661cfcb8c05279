"""Refait le dépouillement d’une urne scellée, sans faire confiance au portail.

    python recompter.py urne.json --sceau SCEAU [--germe EMPREINTE] [--fermeture EMPREINTE] [--recu REÇU] [--json]

SCEAU est celui que vous avez noté après la fermeture du vote, ailleurs que sur le portail : écran de la salle,
procès-verbal ou courriel. Les deux EMPREINTE sont celle du germe, montrée à l’ouverture, et celle des reçus,
montrée à la fermeture; REÇU est votre reçu. Ce programme se contente de Python 3.8 ou plus récent, ne va jamais
sur Internet et n’écrit aucun fichier. Ce que contient l’urne est décrit dans docs/vote.md.

Code de sortie : 0 si le sceau concorde, et tout le reste; 1 si quelque chose diffère ou est fautif; 2 si la
commande ou le fichier ne convient pas; 3 si l’urne se tient, mais qu’aucun sceau n’a été donné.
"""

import argparse
import hashlib
import json
import sys
import unicodedata
from collections import Counter
from datetime import datetime
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

# La règle du tirage au sort, et si des scrutatrices et scrutateurs ajoutent leur part au germe.
TIE_RULES = {"sha256-seed-ballots-option/1": False, "sha256-seed-tellers-ballots-option/1": True}
# Les limites de chaque méthode : la première est obligatoire, sauf pour une décision; puis les méthodes de chaque format.
FRACTIONS = ("threshold_numerator", "threshold_denominator", "quorum_numerator", "quorum_denominator")
FORMER_METHODS, FORMER_LIMITS = ("approval", "points"), ("limit", "points", "points_each")
LIMITS = {"approval": FORMER_LIMITS[:1], "points": FORMER_LIMITS[1:], "decision": FRACTIONS}
LIMITS.update(judgment=("grades",), ranking=("ranks",))
FORMATS = {"pole-urne/1": FORMER_METHODS, "pole-urne/2": tuple(LIMITS)}
ANSWERS = ("for", "against", "abstention")
READINGS = {"most_supported": "les plus appuyées", "balanced": "lecture équilibrée"}
HEXADECIMAL, RECEIPT = "0123456789abcdef", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OIL", "011")
VOTE = 100000  # Celui d’un classement, en cent-millièmes : tout s’y compte en nombres entiers.
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
TIE = ("reading", "place", "options", "value", "kept", "decides")
# Les clés de chaque partie de l’urne; les textes sont à part.
TEXTS = ("format", "hub", "forum_slug", "forum_title", "reading", "seed", "seed_hash")
BOX = {*TEXTS, "forum_date", "opened_at", "closed_at", "round_number", "tie_rule", "questions", "receipts"}
QUESTION = {"position", "title", "title_en", "method", "to_retain", "options", "ballots", "blank", "rejected"}
OPTION, TIE_RULE = {"number", "title", "title_en"}, {"id", "words"}
# Celles qui n’y sont que s’il y a lieu; leur valeur est vérifiée plus loin.
LATER = {"on_roll", "removed_receipts", "tellers_part"}
NOT_VERIFIED = "SCEAU NON VÉRIFIÉ : rien ne prouve que ce soit l’urne scellée."


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
    rule, receipts, removed = box["tie_rule"]["id"], box["receipts"], box.get("removed_receipts", [])
    if box["format"] not in FORMATS or rule not in TIE_RULES or box["reading"] not in READINGS:
        yield "L’urne est d’un format, ou demande une lecture, que ce programme ne connaît pas."
    if canonical(box) + "\n" != text:
        yield "Le texte de l’urne n’est pas sous sa forme canonique : ce fichier a été modifié ou converti."
    yield from shape_faults(box)
    if not is_hash(box["seed"]) or sha256(box["seed"]) != box["seed_hash"]:
        yield "Le germe du tirage n’est pas celui dont l’empreinte a été publiée à l’ouverture du vote."
    if not all(is_hash(each) for each in receipts + removed):
        yield "L’un des reçus n’est pas une empreinte : 64 chiffres hexadécimaux, en minuscules."
    lists = receipts, removed, [question["position"] for question in box["questions"]]
    are_sorted = all(each == sorted(set(each)) for each in lists)
    if not are_sorted or set(removed) & set(receipts):
        yield "Les reçus ou les questions ne sont pas triés, ou l’un d’eux vient deux fois."
    cast = {filled(each) + each["blank"] + each["rejected"] for each in box["questions"]}
    if len(cast) != 1 or len(receipts) > min(cast):
        yield "Les nombres de bulletins et de reçus ne concordent pas."
    if box["format"] == "pole-urne/2" and not is_whole(box.get("on_roll")):
        yield "Le nombre de personnes sur la liste n’est pas valable."
    for question in box["questions"]:
        yield from (f"Question {question['position']} : {fault}" for fault in question_faults(box, question))


def shape_faults(box):
    """Les clés en trop ou qui manquent, les textes et les dates qui n’en sont pas."""
    limits, later = (set(FORMER_LIMITS), ()) if box["format"] == "pole-urne/1" else ({"limits"}, LATER)
    parts = [("L’urne", box, BOX, later), ("La règle du tirage", box["tie_rule"], TIE_RULE, ())]
    for question in box["questions"]:
        parts.append((f"La question {question['position']}", question, QUESTION | limits, ()))
        where = f"Une option de la question {question['position']}"
        parts.extend((where, option, OPTION, ()) for option in question["options"])
    for where, part, keys, later in parts:
        odd = sorted((keys ^ set(part)) - set(later))
        if odd:
            yield f"{where} a des clés en trop ou qui manquent : {', '.join(odd)}."
        named = [each for each in ("title", "title_en", "words", *TEXTS) if each in keys]
        if not all(type(part.get(each, "")) is str for each in named):
            yield f"{where} a un texte qui n’en est pas un."
    moments = [box["opened_at"], box["closed_at"]]
    are_dates = is_date(box["forum_date"], "%Y-%m-%d") and all(is_date(each, MOMENT) for each in moments)
    if not are_dates or moments != sorted(moments):
        yield "Les dates de l’urne ne sont pas valables, ou le vote ferme avant d’ouvrir."
    if not box["questions"] or not is_whole(box["round_number"]):
        yield "L’urne n’a pas de question, ou son vote n’a pas de numéro."
    part, has_part = box.get("tellers_part"), TIE_RULES.get(box["tie_rule"]["id"], False)
    if has_part != ("tellers_part" in box) or (has_part and not (type(part) is str and part)):
        yield "La part des scrutatrices et scrutateurs dans le germe ne va pas avec la règle du tirage."
    if "removed_receipts" in box and not box["removed_receipts"]:
        yield "La liste des reçus retirés après la fermeture est vide : elle ne devrait pas y être."


def is_hash(value):
    return type(value) is str and len(value) == 64 and set(value) <= set(HEXADECIMAL)


def is_whole(value, least=0):
    return type(value) is int and value >= least  # Pour Python, « true » et 1.0 sont égaux à 1.


def is_date(written, form):
    try:
        # Relue, elle s’écrit pareil : strptime accepte « 2026-5-9 ».
        return datetime.strptime(written, form).strftime(form) == written
    except (ValueError, TypeError):
        return False


def question_faults(box, question):
    options, ballots = [option["number"] for option in question["options"]], question["ballots"]
    counts = [(question[name], 0) for name in ("position", "blank", "rejected")]
    counts += [(each, 1) for each in [question["to_retain"], *options]]
    limits = question.get("limits")
    if box["format"] == "pole-urne/1":
        # Une clé par limite, nulle si la méthode n’en a pas.
        limits = {key: question[key] for key in FORMER_LIMITS if question[key] is not None}
    is_known = question["method"] in FORMATS.get(box["format"], ()) and are_limits(question["method"], limits)
    is_known = is_known and (len(options) == 1 if question["method"] == "decision" else len(options) > 0)
    if not is_known or not all(is_whole(number, least) for number, least in counts):
        yield "la méthode ou l’un des nombres annoncés n’est pas valable."
        return
    if options != sorted(set(options)) or ballots != sorted(ballots):
        yield "les options ou les bulletins ne sont pas triés."
    if question["method"] == "judgment":
        if not are_sums(ballots, options, limits["grades"]):
            yield "les nombres de mentions ne sont pas ceux de toutes les options, ou leurs sommes diffèrent."
        return
    known = set(ANSWERS if question["method"] == "decision" else options)
    whole = limits.get("limit") or limits.get("points") or limits.get("ranks") or 1
    most = limits.get("points_each", whole)
    for place, ballot in enumerate(ballots, start=1):
        parts = [ballot, *ballot] if question["method"] == "points" else [ballot]
        are_pairs = all(type(each) is list for each in parts) and all(len(each) == 2 for each in parts[1:])
        marked, given = zip(*pairs(question, ballot)) if ballot and are_pairs else ([], [])
        are_exact = are_pairs and all(type(each) in (int, str) for each in [*marked, *given])
        # Dans un classement, l’ordre est celui des préférences.
        in_order = len(marked) == len(set(marked)) and set(marked) <= known
        in_order = in_order and (question["method"] == "ranking" or list(marked) == sorted(marked))
        in_limits = all(1 <= points <= most for points in given) and 1 <= sum(given) <= whole
        if not (are_exact and in_order and in_limits):
            yield f"le bulletin {place} enfreint les règles du vote : {json.dumps(ballot)}"


def are_limits(method, limits):
    if type(limits) is not dict or not all(is_whole(number, 1) for number in limits.values()):
        return False
    top, bottom, least, whole = (limits.get(name, 0) for name in FRACTIONS)
    are_fractions = all(0 < n < d or n == d for n, d in ((top, bottom), (least, whole)))
    has_first = (method == "decision" or LIMITS[method][0] in limits) and 5 <= limits.get("grades", 5) <= 7
    return are_fractions and has_first and set(limits) <= set(LIMITS[method])


def recount(box):
    """Le résultat complet, sous la forme de « count » dans le resultats.json du portail."""
    counted = [recount_question(box, question) for question in box["questions"]]
    return {"format": "pole-depouillement/1", "reading": box["reading"], "questions": counted}


def recount_question(box, question):
    ballots, places, method = question["ballots"], question["to_retain"], question["method"]
    totals, given, detail = {option["number"]: 0 for option in question["options"]}, Counter(), {}
    draw, cast, ties = draw_lots(box, question), filled(question), []
    if method == "decision":
        # Rien à classer ni à retenir : tout est dans le détail.
        totals, places, detail = {}, 0, {"detail": decide(box, question)}
    for ballot in ballots if method in FORMER_METHODS else []:
        given.update(number for number, _points in pairs(question, ballot))
        for number, points in pairs(question, ballot):
            totals[number] += points
    worth, supported = totals, {number for number in totals if totals[number]}
    if method == "judgment":
        # La meilleure médiane passe devant; puis on en retire une de chaque option, jusqu’à ce qu’elles diffèrent.
        counts, detail = dict(ballots), {"detail": {"profile": ballots}}
        worth = removed_grades(counts, cast)
        totals = {number: worth[number][0] for number in counts}
        given = {number: sum(counts[number][totals[number] :]) for number in counts}
        supported = {number for number in counts if any(counts[number][1:])}
    order = sorted(sorted(totals, key=draw.get), key=worth.get, reverse=True)
    ranks = {number: 1 + sum(other > worth[number] for other in worth.values()) for number in order}
    # Une option que personne n’appuie, ou à qui tous donnent la mention la plus basse, n’est jamais retenue.
    retained = most = [number for number in order if number in supported][:places]
    for rank in sorted({ranks[number] for number in most}):
        equals, kept = ([each for each in some if ranks[each] == rank] for some in (order, most))
        tie = ("most_supported", rank, equals, str(totals[equals[0]]), kept)
        ties += [(*tie, "order" if kept == equals else "retained")] if len(equals) > 1 else []
    if method == "ranking":
        stages, ties, groups = rank_by_stages(question, draw)
        order, quota = [each for group in groups for each in group], stages[0]["needed"]
        ranks = {each: 1 + order.index(group[0]) for group in groups for each in group}
        totals.update(Counter(ballot[0] for ballot in ballots))
        detail = {"detail": {"quota": quota if places > 1 else None, "stages": stages}}
        supported = set(order) - set(groups[-1])
        retained = most = [number for stage in stages for number in stage["elected"]]
    reading, balanced, weights, other = "most_supported", None, [], None
    if method == "approval":
        balanced, weights, more_ties = recount_balanced(ballots, draw, places)
        ties, reading = ties + more_ties, box["reading"]
        lists = {"most_supported": most, "balanced": balanced}
        retained, (name, second) = lists.pop(reading), lists.popitem()
        entering, leaving = sorted(set(second) - set(retained)), sorted(set(retained) - set(second))
        is_reordered = second != retained and not entering and not leaving
        other = {"reading": name, "entering": entering, "leaving": leaving, "is_reordered": is_reordered}
    # De quoi sont les parts : points donnés, bulletins remplis, ou bulletins valides.
    whole = {"points": sum(totals.values()), "judgment": cast}.get(method, cast + question["blank"]) or 1
    shares = {n: str(Fraction((given if method == "judgment" else totals)[n], whole)) for n in order}
    rows = [{"number": n, "total": totals[n], "rank": ranks[n], "share": shares[n]} for n in order]
    if method in ("points", "judgment"):
        rows = [{**row, "ballots": given[row["number"]]} for row in rows]
    result = {name: question[name] for name in ("position", "blank", "rejected")}
    result.update(reading=reading, totals=rows, retained=retained, unfilled=places - len(retained))
    result.update(most_supported=most, balanced=balanced, weights=weights, other=other, ballots=cast)
    result.update(unsupported=sorted(set(totals) - supported))
    return {**result, "ties": [dict(zip(TIE, each)) for each in ties], **detail}


def draw_lots(box, question):
    """Le tirage au sort : à égalité, l’option dont l’empreinte est la plus petite passe devant."""
    seed, part = box["seed"], box.get("tellers_part")
    # Des scrutatrices et scrutateurs y ont ajouté leur part : l’empreinte de « germe:part » remplace le germe.
    seed = seed if part is None else sha256(f"{seed}:{part}")
    drawn = f"{seed}:{sha256(canonical(question['ballots']))}:{question['position']}."
    return {option["number"]: sha256(f"{drawn}{option['number']}") for option in question["options"]}


def fingerprint_at_closing(box):
    """L’empreinte des reçus à la fermeture : triés, un par ligne, ceux qui ont été retirés depuis avec les autres."""
    return sha256("".join(f"{each}\n" for each in sorted(box["receipts"] + box.get("removed_receipts", []))))


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


def filled(question):
    """Combien de bulletins choisissent quelque chose. Un jugement n’en donne que les nombres de mentions de chaque option."""
    rows, are_sums = question["ballots"], question["method"] == "judgment"
    return sum(sum(each) for _number, each in rows[:1]) if are_sums else len(rows)


def are_sums(rows, options, grades):
    """D’un jugement, une paire par option : son numéro et ses nombres de mentions, dont la somme est partout la même."""
    if not all(type(row) is list and len(row) == 2 and type(row[1]) is list for row in rows):
        return False
    numbers, counts = [row[0] for row in rows], [row[1] for row in rows]
    are_whole = all(len(each) == grades and all(is_whole(number) for number in each) for each in counts)
    return are_whole and canonical(numbers) == canonical(options) and len({sum(each) for each in counts}) == 1


def removed_grades(counts, whole):
    """De chaque option, les mentions dans l’ordre où on les retire du milieu : la médiane, la plus basse de deux, d’abord."""
    # Seulement aux deux premières étapes et là où l’une d’elles change de mention : ailleurs, rien ne les départage.
    middle, heaps = (whole - 1) // 2, {number: list(accumulate(each)) for number, each in counts.items()}
    far = {abs(end - middle) + more for heap in heaps.values() for end in heap for more in (-1, 0, 1)}
    steps = sorted(s for s in {s for d in {0, 1, *far} for s in (2 * d - 1, 2 * d)} if 0 <= s < whole)
    # Tour à tour de chaque côté du milieu; d’abord au-dessus quand le nombre de bulletins est pair.
    places = [middle + (s + 1) // 2 * (1 if (whole + s) % 2 else -1) for s in steps]
    return {n: [sum(end <= at for end in heap) for at in places] or [0] for n, heap in heaps.items()}


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


def rank_by_stages(question, draw):
    """Un classement : vote alternatif pour une place, vote unique transférable d’Écosse pour plusieurs."""
    ballots, places = question["ballots"], question["to_retain"]
    # Chaque contenu : combien de bulletins, ce que vaut chacun, et l’option qui les tient.
    papers = [[*each, VOTE, each[0][0]] for each in Counter(map(tuple, ballots)).items()]
    still, quota = {number for ballot in ballots for number in ballot}, len(ballots) // (places + 1) + 1
    kept, past, surplus, out, groups, stages, ties = dict.fromkeys(still, 0), [], [], [], [], [], []
    told = {"kind": "first", "option": None, "equals": [], "settled_by": None}
    while True:
        votes = dict(kept)
        for _ballot, times, value, holder in papers:
            votes.update({holder: votes[holder] + times * value} if holder else {})
        past.insert(0, votes)
        # Une place : plus de la moitié des votes des options encore en lice.
        needed = VOTE * (quota if places > 1 else sum(votes[each] for each in still) // VOTE // 2 + 1)
        reached = {number for number in still if votes[number] >= needed}
        surplus += [number for number in reached if votes[number] > needed]
        fills = 0 < len(still - reached) <= places - sum(map(len, groups)) - len(reached)
        retained = equals_in_order(still if fills else reached, past, draw)
        for each in retained:
            worth, place = str(Fraction(votes[each[0]], VOTE)), sum(map(len, groups)) + 1
            ties += [("most_supported", place, each, worth, each, "order")] if len(each) > 1 else []
            groups.append(each)
        still = set() if fills else still - reached
        told.update(votes=[votes.get(number, 0) for number in sorted(draw)], needed=needed, fills=fills)
        told.update(not_transferable=len(ballots) * VOTE - sum(votes.values()))
        told["elected"] = [number for equals in retained for number in equals]
        stages.append(told)
        if sum(map(len, groups)) >= places or not still:
            break
        # Un seul surplus par étape, le plus grand; sans surplus, l’option qui a le moins de votes sort.
        kind, among = ("surplus", surplus) if surplus else ("exclusion", still)
        drawn = equals_in_order(among, past, draw)[0 if surplus else -1]
        option = drawn[0 if surplus else -1]
        # Celles qui avaient autant de votes, et l’étape la plus récente qui les sépare toutes; 0 pour le tirage.
        equals = sorted(number for number in among if votes[number] == votes[option])
        back = [[each[number] == each[option] for each in past] for number in equals if number != option]
        apart = [len(past) - each.index(False) if False in each else 0 for each in back]
        told = {"kind": kind, "option": option, "equals": equals if apart else []}
        told["settled_by"] = min(apart, default=None)
        if len(drawn) > 1:
            keeps, decides = ([option], kind) if surplus else (drawn[:-1], "excluded")
            worth = str(Fraction(votes[option], VOTE))
            ties.append(("most_supported", len(stages) + 1, drawn, worth, keeps, decides))
        among.remove(option)
        kept[option], out = (needed, out) if kind == "surplus" else (0, [option, *out])
        for paper in (each for each in papers if each[3] == option):
            # Cinq décimales, le reste étant perdu.
            paper[2] = paper[2] * (votes[option] - needed) // votes[option] if kept[option] else paper[2]
            after = paper[0][paper[0].index(option) + 1 :]
            paper[3] = next((number for number in after if number in still), None)
    groups += [*equals_in_order(still, past, draw), *([each] for each in out), sorted(set(draw) - set(kept))]
    return stages, ties, groups


def equals_in_order(numbers, past, draw):
    """Les plus fortes d’abord, par groupes d’égales à toutes les étapes, chacun dans l’ordre du tirage."""
    forces = {number: [votes[number] for votes in past] for number in numbers}
    different = sorted({tuple(force) for force in forces.values()}, reverse=True)
    return [sorted((n for n in numbers if tuple(forces[n]) == each), key=draw.get) for each in different]


def named(numbers):
    return ", ".join(f"no {number}" for number in numbers) or "aucune"


def report(box, result, seal):
    removed = len(box.get("removed_receipts", []))
    since = f", dont {removed} retirés depuis (papiers notés après coup)" if removed else ""
    yield f"{box['forum_title']} ({box['forum_date']}), vote no {box['round_number']}"
    yield f"Sceau de l’urne : {in_groups(seal)}"
    yield f"Empreinte du germe : {in_groups(box['seed_hash'])}"
    if box.get("tellers_part"):
        yield f"Part des scrutatrices et scrutateurs dans le germe : {box['tellers_part']}"
    yield f"Empreinte des reçus à la fermeture : {in_groups(fingerprint_at_closing(box))}"
    yield f"Reçus à la fermeture : {len(box['receipts']) + removed}{since}"
    for question, counted in zip(box["questions"], result["questions"]):
        yield ""
        yield f"Question {question['position']} : {question['title']}"
        yield f"Bulletins : {counted['ballots']}; blancs : {counted['blank']}; rejetés : {counted['rejected']}"
        if question["method"] == "decision":
            told = counted["detail"]
            top, bottom, least, whole = (question["limits"].get(name, 0) for name in FRACTIONS)
            yield from (f"Proposition : {option['title']}" for option in question["options"])
            yield f"Pour : {told['for']}; contre : {told['against']}; abstentions : {told['abstention']}"
            needed = f"au moins {top}/{bottom} des voix" if top else "plus de pour que de contre"
            yield f"Seuil : {needed} (abstentions exclues)"
            cast = counted["ballots"] + counted["blank"] + counted["rejected"]
            quorum = f"{least}/{whole} des {box['on_roll']} personnes sur la liste; bulletins : {cast}; "
            quorum += "atteint" if told["quorum_met"] else "non atteint"
            yield f"Quorum : {quorum if least else 'aucun'}"
            yield ""
            yield f"Proposition {'adoptée' if told['adopted'] else 'non adoptée'}."
            continue
        yield from report_table(question, counted)
        yield ""
        yield f"Retenues, dans l’ordre : {named(counted['retained'])}; places vides : {counted['unfilled']}"
        for each in counted["ties"]:
            equals, kept = named(sorted(each["options"])), named(each["kept"])
            where = "étape" if each["decides"] in ("excluded", "surplus") else "place"
            yield f"Égalité, {where} {each['place']} ({READINGS[each['reading']]}) : {equals}; tirage : {kept}"
        if counted["other"]:
            name, entering, leaving = (counted["other"][key] for key in ("reading", "entering", "leaving"))
            yield f"L’autre ({READINGS[name]}) ferait entrer : {named(entering)}; sortir : {named(leaving)}"


def report_stages(stages, numbers):
    """Les étapes d’un classement, et de chacune les votes de toutes les options."""
    for place, stage in enumerate(stages, start=1):
        why = {"first": "premiers choix"}.get(stage["kind"], f"{stage['kind']} du no {stage['option']}")
        yield f"Étape {place} : {why}; il faut {in_votes(stage['needed'])}"
        votes = (f"no {number} : {in_votes(each)}" for number, each in zip(numbers, stage["votes"]))
        yield f"  {'; '.join(votes)}; non transférables : {in_votes(stage['not_transferable'])}"
        if stage["settled_by"]:
            yield f"  à égalité ({named(stage['equals'])}), tranché par l’étape {stage['settled_by']}"
        if stage["elected"]:
            yield f"  retenues : {named(stage['elected'])}{' (dernières places)' if stage['fills'] else ''}"


def report_table(question, counted):
    """D’un jugement, combien donnent chaque mention à chaque option, de A, la meilleure; la médiane est entre crochets."""
    limits, detail, method = question.get("limits", {}), counted.get("detail", {}), question["method"]
    titles = {option["number"]: option["title"] for option in question["options"]}
    letters = "ABCDEFG"[: limits.get("grades", 0)]
    rules = {"judgment": f"mentions : de A, la meilleure, à {letters[-1:]}"}
    rules["ranking"] = f"options classées par bulletin : au plus {limits.get('ranks')}"
    rule = rules.get(method, f"lecture qui décide : {READINGS[counted['reading']]}")
    yield f"À retenir : {question['to_retain']}; {rule}"
    yield from report_stages(detail.get("stages", ()), sorted(titles))
    yield ""
    # Sous la lecture équilibrée, l’ordre des retenues n’est pas celui des totaux.
    rank = "rang (total)" if counted["reading"] == "balanced" else "  rang"
    unit = {"approval": "appuis", "ranking": "1er ch."}.get(method, "points")
    heads = "".join(f"{each:>8} " for each in letters).rstrip() or f"{unit:>8}     part"
    yield f"{rank}    no{heads}"
    for row in counted["totals"]:
        share = f"{float(100 * Fraction(row['share'])):.1f} %".replace(".", ",")
        cells = f"{row['total']:8}{share:>9}"
        if letters:
            counts = list(enumerate(dict(detail["profile"])[row["number"]]))[::-1]
            cells = "".join(f"[{each}]".rjust(9) if g == row["total"] else f"{each:8} " for g, each in counts)
        mark = "retenue" if row["number"] in counted["retained"] else ""
        yield f"{row['rank']:{len(rank)}}{row['number']:6}{cells}  {mark:9}{titles[row['number']]}"


def in_votes(number):
    """Des cent-millièmes à un nombre de votes : 163,82442."""
    whole, rest = divmod(number, VOTE)
    return f"{whole}" + (f",{rest:05}".rstrip("0") if rest else "")


def in_groups(digits):
    """Par huit, comme à l’écran, sur papier et dans les courriels."""
    return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def show(lines, stream):
    for line in lines:
        # Sans les caractères invisibles, fins de ligne comprises, qui pourraient maquiller l’écran.
        shown = (each if each.isprintable() or each in "\u00a0\u202f" else "?" for each in line)
        print("".join(shown), file=stream)


def stop(code, *lines):
    show(lines, sys.stderr)
    sys.exit(code)


def read_arguments():
    parser, advice = argparse.ArgumentParser(), "un sceau qui a des espaces va entre guillemets"
    wrong = f"La commande n’est pas complète, ou a un mot de trop; {advice}."
    parser.format_help = lambda: __doc__
    parser.error = lambda _message: stop(2, *__doc__.splitlines(), wrong)
    for name in ("urne", "--sceau", "--fermeture", "--recu"):
        parser.add_argument(name)
    # Son nom d’avant reste accepté : des commandes déjà notées l’ont.
    parser.add_argument("--germe", "--graine")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    for name in ("sceau", "germe", "fermeture", "recu"):
        typed = getattr(given, name)
        if typed is not None:
            setattr(given, name, read_receipt(typed) if name == "recu" else read_hash(name, typed))
    return given


def read_hash(name, typed):
    """Tout ce qui n’est pas hexadécimal est sans effet : espaces, tirets, fins de ligne; « SHA-256 : » devant aussi."""
    parts = typed, typed.partition(":")[2]
    whole, after = ("".join(each for each in part.lower() if each in HEXADECIMAL) for part in parts)
    digits = after if len(after) == 64 else whole
    if not digits:
        stop(2, f"--{name} est vide : donnez les 64 chiffres que vous avez notés.")
    if len(digits) != 64:
        asked = "doit avoir 64 chiffres hexadécimaux (0 à 9, a à f), et celui-ci en a"
        stop(2, f"--{name} {asked} {len(digits)}.")
    return digits


def read_receipt(typed):
    letters = "".join(each for each in typed.upper() if each.isalnum()).translate(ALIKE)
    if len(letters) != 16 or not set(letters) <= set(RECEIPT):
        stop(2, "--recu doit avoir les 16 lettres et chiffres du reçu.")
    return letters


def read_file(path):
    """Le texte de l’urne, et ce qu’il a fallu défaire de ce qu’un autre programme lui a fait."""
    try:
        data = Path(path).read_bytes()
    except OSError:
        stop(2, f"Le fichier {path} ne s’ouvre pas : vérifiez son nom et le dossier.")
    undone, encoding = [], "utf-8"
    if data.startswith(b"\xef\xbb\xbf"):
        undone, encoding = ["une marque BOM au début"], "utf-8-sig"
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        undone, encoding = ["le codage UTF-16"], "utf-16"
    try:
        written = data.decode(encoding)
    except ValueError:
        stop(2, f"Le fichier {path} est coupé ou n’est pas une urne : téléchargez-le de nouveau.")
    lines = written.replace("\r\n", "\n").replace("\r", "\n")
    if lines != written:
        undone.append("des fins de ligne CRLF")
    text = unicodedata.normalize("NFC", lines)
    if text != lines:
        undone.append("des accents décomposés")
    if not text.endswith("\n"):
        undone.append("un saut de ligne qui manque à la fin")
        text += "\n"
    try:
        box = json.loads(text, object_pairs_hook=read_object)
    except (ValueError, RecursionError):
        stop(2, f"Le fichier {path} est coupé ou n’est pas une urne : téléchargez-le de nouveau.")
    if type(box) is not dict or not str(box.get("format", "")).startswith("pole-urne/"):
        stop(2, f"Le fichier {path} n’est pas une urne : vérifiez son nom.")
    return text, box, undone


def read_object(read):
    # Une clé qui vient deux fois serait lue autrement par un autre programme : elle devient une clé en trop.
    return {**dict(read), **({"(clé en double)": ""} if len(dict(read)) < len(read) else {})}


def differences(given, box, seal):
    if given.sceau and given.sceau != seal:
        unlike = sum(one != other for one, other in zip(given.sceau, seal))
        # Deux urnes n’ont jamais des sceaux voisins : quelques chiffres de différence sont une faute de copie.
        hint = ("relisez celui que vous avez noté", "ce fichier n’est pas l’urne qui a ce sceau")[unlike > 15]
        if given.sceau in (box["seed_hash"], fingerprint_at_closing(box)):
            hint = "vous avez donné une autre empreinte que le sceau : --germe ou --fermeture la compare"
        yield f"Le sceau de ce fichier est {in_groups(seal)}; chiffres qui diffèrent : {unlike} sur 64; {hint}."
    if given.germe and given.germe != box["seed_hash"]:
        yield "L’empreinte du germe n’est pas celle que vous avez donnée."
    if given.fermeture and given.fermeture != fingerprint_at_closing(box):
        yield "L’empreinte des reçus à la fermeture n’est pas celle que vous avez donnée."
    if given.recu and sha256(given.recu) in box.get("removed_receipts", []):
        yield "Ce reçu a été retiré après la fermeture, avec son bulletin : un papier noté après coup."
    elif given.recu and sha256(given.recu) not in box["receipts"]:
        yield "Ce reçu n’est pas dans l’urne. Il n’y est plus si le vote a été modifié, retiré ou remplacé par un papier."


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    given = read_arguments()
    (text, box, undone), faults = read_file(given.urne), []
    try:
        whole = canonical(box) + "\n"
        if text != whole and given.sceau == sha256(whole):
            undone, text = [*undone, "une autre mise en forme"], whole
        seal = sha256(text)
        faults.extend(box_faults(text, box))
        # Ici, parce que Python n’écrit pas un nombre de plus de 4300 chiffres.
        result = {} if faults else {**recount(box), "verified": bool(given.sceau)}
        table, data = list(report(box, result, seal)) if result else [], json.dumps(result)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        faults.append("L’urne n’est pas formée comme le portail les écrit : elle ne peut pas être comptée.")
        stop(1, *faults)
    faults.extend(differences(given, box, seal))
    if faults:
        stop(1, *faults)
    converted = f"Ce fichier a été converti ({', '.join(undone)}) : c’est le texte d’origine, rétabli, qui est vérifié."
    notices = ([] if given.sceau else [NOT_VERIFIED]) + ([converted] if undone else [])
    if given.json:
        show(notices, sys.stderr)
        show([data], sys.stdout)
    else:
        show([*notices, *table, "", *conclusion(given)], sys.stdout)
    if not given.sceau:
        sys.exit(3)


def conclusion(given):
    if given.recu:
        yield "Ce reçu est dans ce fichier."
    if not given.germe:
        yield "Comparez l’empreinte du germe à celle qui a été montrée à l’ouverture du vote."
    if not given.fermeture:
        yield "Comparez l’empreinte des reçus à celle qui a été montrée à la fermeture du vote."
    yield "L’urne est intacte : son sceau est celui que vous avez donné." if given.sceau else NOT_VERIFIED


if __name__ == "__main__":
    main()
