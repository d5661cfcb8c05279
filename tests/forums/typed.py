"""What the staff pages send, and the words of a real results page."""

from __future__ import annotations

from forums.models import Results

INTRODUCTION = (
    "<p>Le Pôle d’économie sociale organisait, au Manoir d’Youville, un forum régional sur les enjeux "
    "et opportunités de développement de l’économie sociale en Montérégie-Ouest.</p>"
    "<h2>Résultats du forum</h2>"
    "<p>Les participants ont échangé en vue d’élaborer et de prioriser des recommandations.</p>"
)
NEXT_STEPS = (
    "<p>Ces opportunités seront considérées dans le prochain plan d’action régional.</p>"
    "<p>Elles seront aussi acheminées au Chantier de l’économie sociale, en vue du Sommet de 2025.</p>"
)
PRIORITIES = (
    ("La mutualisation", "Appuyer la mutualisation de ressources humaines, techniques et des connaissances."),
    ("L’immobilier collectif", "Appuyer l’achat ou la reconversion d’immeubles institutionnels."),
    ("Le partage d’infrastructures", "Bâtiments, terrains, plateaux sportifs ou autres infrastructures."),
    ("La souplesse et la créativité réglementaire", "Explorer l’adaptation réglementaire des usages."),
    ("L’innovation par l’économie sociale", "Soutenir les innovations au cœur des territoires."),
)


def rows(prefix: str, lines: list[dict[str, object]]) -> dict[str, object]:
    """The fields of a list of lines, with the numbers that say how many."""
    numbers = {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": 0}
    return numbers | {
        f"{prefix}-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()
    }


def event_form(**changes: object) -> dict[str, object]:
    """What the page of an event sends."""
    form: dict[str, object] = {
        "title": "Forum régional de l’économie sociale",
        "summary": "Des échanges fructueux pour améliorer la portée du modèle d’affaires.",
        "starts_at": "2023-11-07T09:00",
        "ends_at": "2023-11-07T16:30",
        "venue": "Manoir d’Youville",
        "municipality": "67050",
        "has_participation": "on",
        "version": 1,
        "attendance_note": "Une quarantaine de personnes",
        "presences-enterprise": "18",
        "presences-citizen": "",
        "presences-citizen_present": "on",
        "presences-collaborator_present": "on",
        "presences-partner": "7",
        "guests": "Chantier de l’économie sociale",
    }
    tracks = [
        {"title": "Enjeux territoriaux", "ORDER": 1},
        {"title": "Enjeux régionaux et transversaux de l’écosystème", "ORDER": 2},
        {"title": "", "ORDER": ""},
    ]
    programme = [{"starts_at": "13:00", "title": "Priorisation"}, {"starts_at": "09:00", "title": "Accueil"}]
    return form | rows("axes", tracks) | rows("programme", programme) | changes


def results_form(*, lines: list[dict[str, object]] | None = None, **changes: object) -> dict[str, object]:
    """What the page of results sends."""
    typed: list[dict[str, object]] = [
        {"title": title, "description": description, "ORDER": n, "key": "", "track": ""}
        for n, (title, description) in enumerate(PRIORITIES, start=1)
    ]
    form: dict[str, object] = {
        "version": 0,
        "action": "save",
        "publish_at": "",
        "heading": "Des échanges fructueux",
        "introduction": INTRODUCTION,
        "quotation": "« Cet événement a permis d’effectuer un grand bilan! »",
        "quotation_author": "Olivier Doyle",
        "quotation_role": "directeur général",
        "priorities_lead": "L’ensemble des participants ont priorisé cinq grandes opportunités :",
        "next_steps": NEXT_STEPS,
    }
    return form | rows("priorites", typed if lines is None else lines) | changes


def stored_lines(results: Results) -> list[dict[str, object]]:
    """The priorities of a working copy, as the page sends them back."""
    return [
        {**{name: value if value is not None else "" for name, value in row.items()}, "ORDER": n}
        for n, row in enumerate(results.draft.content["priorities"], start=1)
    ]
