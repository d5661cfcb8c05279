"""What the catalogues and the written pages never say again: each kind of turn that was once corrected in them."""

from __future__ import annotations

import re
from pathlib import Path

import allauth
import django
import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from enterprises.views.import_rows import LABELS
from pole import message_catalogues
from pole.text import borrowed
from pole.text.typography import NBSP, fix_text

ROOT = Path(settings.BASE_DIR)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")

# Each with what is said instead.
FORBIDDEN = {
    "fr": {
        r"prouvée?s?\b|[Pp]rouvez": "confirmer",
        r"adresses? de courriel": "adresse courriel",
        r"\be-?mails?\b|\bcookies?\b": "courriel, témoin",
        r"[Ss]auvegard(?:er|ez)\b|[Éé]dit(?:er|ez)\b|[Ss]oumettre\b|[Ss]oumettez|\b[Bb]ann(?:ir|i)\b": "enregistrer, modifier…",
        r"réclam(?:er|ez) (?:une|cette|votre) fiche": "c’est mon entreprise",
        r"visiteurs?\b|visiteuses?\b": "le public",
        r"il/elle|\(e\)|·e\b|\bson auteur\b|(?<!ou )(?<!ou d’)\bun collègue\b|\bvous êtes (?:certain|inscrit|connecté|désabonné)\b": "sans genre",
        r"\binscrit ou inscrite|connecté ou connectée|seule? ou seule?\b": "sans genre",
        r"coédit(?:eur|rice)": "corédactrice ou corédacteur",
        r"\bgraines?\b": "germe",
        r"laissez ce message": "ignorez ce message",
        r"n’ouvre(?:nt)? (?:plus )?rien": "n’est pas valide",
        r"ne va(?:ut|lent) (?:plus|rien)|ne vaudr(?:a|ont) plus|[Vv]alables?\b": "n’est plus valide",
        r"(?:plus|est|reste|restent|toujours) bon(?:ne)?s?\b": "valide",
        r"\btou(?:te)?s? seule?s?\b": "automatiquement",
        r"ne répond à tout cela|dans cet état|[Dd]ans vos mots": "ne correspond à ces critères",
        r"s’est brisé": "Un problème est survenu",
        r"(?<!et )\bscrutateurs\b(?! et scrutatrices)": "scrutatrices et scrutateurs",
        r"\bévènement": "événement",
        r"champ est obligatoire|Ce champ est requis": "dire ce qui manque",
        r"[Dd]essine(?:r|z) (?:d’abord )?le bulletin": "préparer le bulletin",
        r"Assurez-vous que cette valeur|[Ss]aisissez une (?:URL|adresse)": "ce qui est attendu, en mots",
    },
    "en": {
        r"unwanted mail": "spam folder",
        r"\bby mail\b|(?<![\w-])[Mm]ails?(?![\w-])(?! (?:server|relay|program))|\bemail|(?<!e-)\bmailed\b": "e-mail",
        r"\bproven\b|\bprove that\b": "confirmed",
        r"(?<!%\()organis|recognis|analys(?:e|ing)\b|\b[Pp]rogramme|\b(?:color|center|favor|check)\b(?=s? for)": "Canadian spelling",
        r"\b[Cc]ooperativ": "co-operative",
        r"\.\.(?!\.)": "one period",
        r"leave this message": "ignore this e-mail",
        r"keep it true|yours to keep|[Kk]eeps? this listing": "manage",
        r"no longer serves?\b|opens nothing|no longer good": "no longer works",
        r"Those who vote:": "Who can vote:",
        r"\b(?:login|log in|log out|sign-on)\b": "sign in",
        r"what looks like it": "similar results",
        r"[Uu]seless": "no longer valid",
    },
}
# Words that may stand for themselves, by the start of the message.
ALLOWED = {
    "fr": {"Une adresse à ce domaine ne prouve rien", "ce qui le prouve"},
    "en": set(),
}
# What counts something, in a message; a limit or a year is never one.
COUNTS = {
    "count",
    "total",
    "totals",
    "shown",
    "answered",
    "confirmed",
    "enterprises",
    "told",
    "new",
    "changed",
    "vanished",
}
# Messages said of several alone: above a limit of one at least, or with a limit that is several.
ALWAYS_SEVERAL = (
    "%(count)s options\N{NO-BREAK SPACE}: au-delà de 15",
    "%(total)s options. Au-delà de",
    "%(count)s points en tout",
    "%(count)s points sur une option",
    "Vous avez donné %(count)s points",
    "Ici, un code postal a %(count)d chiffres",
    "Un code postal a au plus %(count)d",
    "Une option a au plus %(count)d",
    "Ce groupe compte %(count)d",
    "Tapez au plus %(count)d",
)


def messages(language):
    catalogue = message_catalogues.read_catalogue(message_catalogues.catalogue_path(ROOT, language))
    for message in message_catalogues.messages_of(catalogue):
        yield message, message.string if isinstance(message.string, (tuple, list)) else (message.string,)


def sentences(language):
    """Each translation, and the name of what it translates."""
    for message, strings in messages(language):
        for string in strings:
            yield message_catalogues.message_key(message)[0], string


def words(language):
    """Each translation, without its tags, a letter in place of each placeholder."""
    return [re.sub(r"<[^>]*>", "", PLACEHOLDER.sub("X", string)) for _key, string in sentences(language)]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_catalogue_says_what_was_corrected(language):
    faults = [
        f"{string!r}: {instead}"
        for pattern, instead in FORBIDDEN[language].items()
        for string in words(language)
        if re.search(pattern, string) and not any(string.startswith(each) for each in ALLOWED[language])
    ]
    assert faults == []


def test_french_catalogue_has_the_typography_of_quebec():
    faults = [
        string
        for string in words("fr")
        if re.search(r"[\"']|\s[;!?]", string) or re.search(rf"«(?!{NBSP})|(?<!{NBSP})»", string)
    ]
    assert faults == []


def test_no_space_comes_before_a_colon_but_one_that_does_not_break():
    wrong = rf" :|(?<![\s{NBSP}]):(?=\s|\Z)|« | »|\d (?:Mo|%|\$|h)\b"
    assert [string for string in words("fr") if re.search(wrong, string)] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_quotation_marks_are_those_of_the_language(language):
    wrong = r"[“”]" if language == "fr" else r"[«»]"
    assert [string for _key, string in sentences(language) if re.search(wrong, string)] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_translations_keep_the_placeholders_of_their_message(language):
    def placeholders(text):
        return {one or other for one, other in PLACEHOLDER.findall(text)}

    faults = []
    for message, strings in messages(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        allowed = set().union(*(placeholders(each) for each in ids))
        faults += [string for string in strings if not placeholders(string) <= allowed]
        faults += [strings[-1]] if placeholders(ids[-1]) - placeholders(strings[-1]) - {"position"} else []
    assert faults == []


def test_number_with_its_noun_has_a_singular_and_a_plural():
    """« 1 lignes refusées » was once said: a message that counts something is `ngettext`'s."""
    counted = re.compile(rf"%\((\w+)\)[sd][ {NBSP}](?:[a-zéèêàâç]+ )?[a-zéèêàâç]{{3,}}s\b")
    faults = [
        strings[0]
        for message, strings in messages("fr")
        if not isinstance(message.id, tuple)
        for found in counted.finditer(strings[0])
        if found[1] in COUNTS and not strings[0].startswith(ALWAYS_SEVERAL)
    ]
    assert faults == []


def test_no_name_follows_a_word_that_it_may_elide():
    """« le forum de Amqui » : a name is given its « de » by `pole.text.elision`, or a turn that needs none."""
    names = "name|names|person|others|forum|title|hub_name|organisation|enterprise|email|own|town|place|kept"
    elided = re.compile(
        rf"\b(?:[Dd]e|[Qq]ue|[Ll]e|[Ll]a|[Jj]e|[Nn]e|[Ss]e) (?:%\((?:{names})\)s|\{{(?:nom|forum|name)\}})"
    )
    assert [string for _key, string in sentences("fr") if elided.search(string)] == []


def test_rows_of_an_import_are_counted_in_words():
    with override("fr"):
        said = [(str(label % 1), str(label % 2)) for label in LABELS.values()]
    assert ("nouvelle fiche", "nouvelles fiches") in said
    assert ("ligne refusée", "lignes refusées") in said
    assert ("laissée de côté", "laissées de côté") in said


@pytest.mark.parametrize(
    "said", ["corédactrice ou corédacteur", "une ou un collègue", "scrutatrices et scrutateurs"]
)
def test_each_doublet_is_in_one_order(said):
    one, link, other = re.split(r" (ou|et) ", said)
    other, _, name = other.partition(" ")
    turned = rf"\b{other} {link} {one} {name}".rstrip()
    assert [string for string in words("fr") if re.search(turned, string, re.IGNORECASE)] == []


# --- What Django and allauth say ----------------------------------------------------------------------------


def said_by_others(language):
    """The translation of each message of Django and of allauth, by its key."""
    found = {}
    for package in (django, allauth):
        for path in Path(package.__file__).parent.rglob(f"locale/{language}/LC_MESSAGES/django.po"):
            for key, message in message_catalogues.by_key(message_catalogues.read_catalogue(path)).items():
                found[key[0]] = message
    return found


def test_every_borrowed_message_is_still_said_by_its_package():
    theirs = said_by_others("en")
    ours = message_catalogues.extract_messages(ROOT)
    names = {
        key
        for (key, _), row in message_catalogues.by_key(ours).items()
        if "pole/text/borrowed.py" in {f for f, _ in row.locations}
    }
    assert len(names) == len(borrowed.SENTENCES) + len(borrowed.PLURALS)
    assert names - theirs.keys() == set()


def test_borrowed_messages_are_said_in_the_portal_s_words():
    theirs = said_by_others("fr")
    with override("fr"):
        same = [each for each in borrowed.SENTENCES if gettext(each) == theirs[each].string]
        assert same in (["Currently"], [])
        assert gettext("This field is required.") == "Remplissez ce champ."
        short = "This password is too short. It must contain at least %d character."
        assert ngettext(short, short.replace("character.", "characters."), 12) % 12 == (
            f"Ce mot de passe est trop court{NBSP}: il faut au moins 12 caractères."
        )


# --- What is written outside the catalogues --------------------------------------------------------

WRITTEN = (
    *ROOT.glob("blog/model_pages/*.toml"),
    *ROOT.glob("*/demo/*.toml"),
    *ROOT.glob("docs/guide-*.md"),
    ROOT / "docs" / "vote.md",
)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_pages_written_in_french_say_none_of_it(path):
    text = path.read_text(encoding="utf-8")
    for pattern in (
        r"adresses? de courriel",
        r"\bévènement",
        r"coédit(?:eur|rice)",
        r"visiteurs?\b",
        r"laissez ce message",
    ):
        assert re.findall(pattern, text) == [], pattern


def test_typography_of_a_sentence_of_the_catalogue_needs_no_mending():
    """Each French message is as `fix_text` would write it, but for what is a code or an address."""
    faults = [
        (string, fix_text(string))
        for _key, string in sentences("fr")
        if not re.search(r"https?:|@|\{|%\(|<|JPEG|CSV|#|555-", string) and fix_text(string) != string
    ]
    assert faults == []
