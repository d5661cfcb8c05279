"""Every document that is printed, with what its template is given."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.utils import timezone

from forums import printing
from forums.dossier.files import build_files
from forums.models import Results, SealedBox
from forums.printing import fonts
from forums.printing.attestation import attestations_pdf
from forums.printing.ballots import ballots_pdf
from forums.printing.official_record import record_pdf
from forums.printing.poster import poster_pdf
from forums.printing.sign_in_sheet import sign_in_pdf
from forums.printing.slips import slips_pdf
from forums.registration.attestations import attested_people
from pole.text import fonts as font_files
from tests.factories import ForumFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.sealed import publish_results, seal

# What the data of each template was, made once: plain JSON, without a row.
_documents: list[tuple[str, dict[str, Any]]] = []


@pytest.fixture(params=["with Noto", "without Noto"])
def font_folders(request, monkeypatch):
    """The fonts of a server, then those of a machine that has none."""
    folders = font_files.FOLDERS if request.param == "with Noto" else ()
    if folders and not all(folder.is_dir() for folder in folders):
        pytest.skip("fonts-noto-core and fonts-noto-cjk are not installed")
    monkeypatch.setattr(font_files, "FOLDERS", folders)
    forget()
    yield folders
    forget()


def forget():
    font_files.fonts.cache_clear()
    font_files.fingerprint.cache_clear()
    fonts._known.clear()


@pytest.fixture
def documents(db, monkeypatch):
    """(template, data) of each."""
    if not _documents:
        compile_it = printing.compile

        def noted(template, data, language, **named):
            _documents.append((template, dict(data)))
            return compile_it(template, data, language, **named)

        with monkeypatch.context() as patch:
            patch.setattr(printing, "compile", noted)
            try:
                _print_everything()
            except BaseException:
                _documents.clear()
                raise
    assert {template for template, _data in _documents} == {
        path.stem for path in printing.FOLDER.glob("*.typ") if path.stem != "frame"
    }
    return _documents


def _print_everything():
    sealed = seal(questions=2, to_retain=1)
    publish_results(sealed.forum)
    Results.objects.update(
        introduction="<h2>Le contexte</h2><p>Un mot.</p><ul><li>Un point</li></ul>",
        quotation="Enfin!", quotation_author="Lou", next_steps="<p>La suite.</p>", priorities_lead="Voici :",
    )  # fmt: skip
    build_files(Results.objects.for_page().get(), at=timezone.now())
    record_pdf(sealed, SealedBox.objects.get(round=sealed))
    RegistrationFactory(forum=sealed.forum, name="Odile", organisation="Le Grenier")
    sign_in_pdf(sealed.forum)
    poster_pdf(sealed.forum)
    slips_pdf(sealed.forum, [(1, "0123456789A"), (2, "0123456789B")])
    planned = RoundFactory()
    QuestionFactory(round=planned, position=1)
    QuestionFactory(round=planned, position=2, method="decision", limits={}, to_retain=1, options=1)
    poster_pdf(planned.forum)
    ballots_pdf(planned, ["ABCDE"])
    now = timezone.now()
    training = ForumFactory(
        kind="training", has_participation=False, attestation_share=100, trainer="Ève Roy",
        starts_at=now - timedelta(hours=4), ends_at=now - timedelta(hours=1),
    )  # fmt: skip
    RegistrationFactory(forum=training, name="Odile", checked_in_at=training.starts_at)
    attestations_pdf(training, attested_people(training, now), now)


def read(content):
    return pypdf.PdfReader(io.BytesIO(content))


def claims_ua(reader):
    return b"pdfuaid" in reader.xmp_metadata.stream.get_data()


def text_of(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()).replace("\u00a0", " ")


def structure(node):
    """Every element of the structure tree below `node`."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        element = kid.get_object() if hasattr(kid, "get_object") else kid
        if isinstance(element, dict):
            yield element
            yield from structure(element)
